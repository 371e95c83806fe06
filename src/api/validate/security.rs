//! Security contexts and operating systems. Models ValidateSecurityContext and its kin.

use crate::api::core::{
    AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl,
};

use super::field::{Faults, Json, Path};
use super::names::is_id;
use super::paths::descending;

const PROFILE_TYPES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];

fn id(value: Option<i64>, path: &Path, faults: &mut Faults) {
    if let Some((value, message)) = value.and_then(|value| Some((value, is_id(value)?))) {
        faults.invalid(path, &value, &message);
    }
}

/// A container's. Models ValidateSecurityContext.
pub(super) fn container(context: &SecurityContext, spec: &PodSpec, path: &Path, faults: &mut Faults) {
    id(context.run_as_user, &path.child("runAsUser"), faults);
    id(context.run_as_group, &path.child("runAsGroup"), faults);
    if let Some(mount) = context.proc_mount.as_deref() {
        faults.one_of_if_set(&path.child("procMount"), Some(mount), &["Default", "Unmasked"]);
        if mount == "Unmasked" && spec.host_users != Some(false) {
            faults.invalid(&path.child("procMount"), mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp(context.seccomp_profile.as_ref(), &path.child("seccompProfile"), faults);
    if context.allow_privilege_escalation == Some(false) {
        let shown = || Json(super::internal::show(context, "SecurityContext"));
        if context.privileged == Some(true) {
            let text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            faults.invalid(path, &shown(), text);
        }
        let added = context.capabilities.as_ref().and_then(|capabilities| capabilities.add.as_ref());
        for _ in added.into_iter().flatten().filter(|name| *name == "CAP_SYS_ADMIN") {
            let text = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            faults.invalid(path, &shown(), text);
        }
    }
    app_armor(context.app_armor_profile.as_ref(), &path.child("appArmorProfile"), faults);
}

/// A Pod's. Models validatePodSpecSecurityContext.
pub(super) fn pod(context: &PodSecurityContext, spec: &PodSpec, path: &Path, faults: &mut Faults) {
    id(context.fs_group, &path.child("fsGroup"), faults);
    id(context.run_as_user, &path.child("runAsUser"), faults);
    id(context.run_as_group, &path.child("runAsGroup"), faults);
    let groups = path.child("supplementalGroups");
    for (index, group) in context.supplemental_groups.iter().flatten().enumerate() {
        id(Some(*group), &groups.index(index), faults);
    }
    if spec.share_process_namespace == Some(true) && spec.host_pid == Some(true) {
        let text = "ShareProcessNamespace and HostPID cannot both be enabled";
        faults.invalid(&path.child("shareProcessNamespace"), &true, text);
    }
    sysctls(context.sysctls.as_deref().unwrap_or_default(), spec, &path.child("sysctls"), faults);
    let on_change = ["Always", "OnRootMismatch"];
    faults.one_of_if_set(
        &path.child("fsGroupChangePolicy"),
        context.fs_group_change_policy.as_deref(),
        &on_change,
    );
    seccomp(context.seccomp_profile.as_ref(), &path.child("seccompProfile"), faults);
    app_armor(context.app_armor_profile.as_ref(), &path.child("appArmorProfile"), faults);
    let groups = context.supplemental_groups_policy.as_deref();
    faults.one_of_if_set(&path.child("supplementalGroupsPolicy"), groups, &["Merge", "Strict"]);
    let labels = context.se_linux_change_policy.as_deref();
    faults.one_of_if_set(&path.child("seLinuxChangePolicy"), labels, &["MountOption", "Recursive"]);
}

/// Models validateSysctls.
fn sysctls(sysctls: &[Sysctl], spec: &PodSpec, path: &Path, faults: &mut Faults) {
    for (index, sysctl) in sysctls.iter().enumerate() {
        let at = path.index(index);
        let at = at.child("name");
        let name = sysctl.name.as_str();
        if name.is_empty() {
            faults.required(&at, "");
        } else if !is_sysctl_name(name) {
            let segment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
            let text =
                format!("must have at most 253 characters and match regex ^({segment}[\\./])*{segment}$");
            faults.invalid(&at, name, &text);
        } else if sysctls[..index].iter().any(|other| other.name == name) {
            faults.duplicate(&at, name);
        }
        let is_net = name.starts_with("net.");
        let is_ipc =
            ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."].iter().any(|p| name.starts_with(p));
        if is_net && spec.host_network == Some(true) {
            faults.invalid(&at, name, "may not be specified when 'hostNetwork' is true");
        } else if is_ipc && spec.host_ipc == Some(true) {
            faults.invalid(&at, name, "may not be specified when 'hostIPC' is true");
        }
    }
}

fn is_sysctl_name(name: &str) -> bool {
    let edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_segment = |segment: &str| {
        let bytes = segment.as_bytes();
        bytes.first().is_some_and(|&b| edge(b))
            && bytes.last().is_some_and(|&b| edge(b))
            && bytes.iter().all(|&b| edge(b) || matches!(b, b'-' | b'_'))
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_segment)
}

/// Models validateSeccompProfileField.
fn seccomp(profile: Option<&SeccompProfile>, path: &Path, faults: &mut Faults) {
    let Some(profile) = profile else { return };
    match profile.type_.as_str() {
        "" => faults.required(&path.child("type"), "type is required when seccompProfile is set"),
        type_ => faults.one_of_if_set(&path.child("type"), Some(type_), PROFILE_TYPES),
    }
    let at = path.child("localhostProfile");
    match (profile.type_.as_str(), &profile.localhost_profile) {
        ("Localhost", None) => faults.required(&at, "must be set when seccomp type is Localhost"),
        ("Localhost", Some(file)) => descending(file, &at, faults),
        (_, Some(_)) => {
            let shown = Json(super::internal::show(profile, "SeccompProfile"));
            faults.invalid(&at, &shown, "can only be set when seccomp type is Localhost");
        }
        (_, None) => {}
    }
}

/// Models ValidateAppArmorProfileField.
fn app_armor(profile: Option<&AppArmorProfile>, path: &Path, faults: &mut Faults) {
    let Some(profile) = profile else { return };
    let at = path.child("localhostProfile");
    match (profile.type_.as_str(), profile.localhost_profile.as_deref()) {
        ("Localhost", None | Some("")) => {
            faults.required(&at, "must be set when AppArmor type is Localhost");
        }
        ("Localhost", Some(name)) => {
            if name.trim() != name {
                faults.invalid(&at, name, "must not be padded with whitespace");
            }
            if name.len() > 4095 {
                faults.too_long(&at, 4095);
            }
        }
        ("RuntimeDefault" | "Unconfined", Some(name)) => {
            faults.invalid(&at, name, "can only be set when AppArmor type is Localhost");
        }
        ("RuntimeDefault" | "Unconfined", None) => {}
        ("", _) => faults.required(&path.child("type"), "type is required when appArmorProfile is set"),
        (type_, _) => faults.not_supported(&path.child("type"), type_, PROFILE_TYPES),
    }
}

/// What does not go with the Pod's operating system. Models validateOS, validateLinux and validateWindows.
pub(super) fn os(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let Some(os) = &spec.os else { return };
    let at = path.child("os");
    match os.name.as_str() {
        "" => faults.required(&at.child("name"), ""),
        "linux" => {
            let text = "windows options cannot be set for a linux pod";
            only_with(spec, path, text, faults, |context| {
                vec![("windowsOptions", context.windows_options.is_some())]
            });
        }
        "windows" => windows(spec, path, faults),
        name => faults.not_supported(&at, name, &["linux", "windows"]),
    }
}

/// Forbids fields of every container's context.
fn only_with(
    spec: &PodSpec,
    path: &Path,
    text: &str,
    faults: &mut Faults,
    fields: impl Fn(&SecurityContext) -> Vec<(&'static str, bool)>,
) {
    if text.starts_with("windows")
        && spec.security_context.as_ref().is_some_and(|context| context.windows_options.is_some())
    {
        let path = path.child("securityContext");
        faults.forbidden(&path.child("windowsOptions"), text);
    }
    super::pod::each_container(spec, path, |container, path| {
        let path = path.child("securityContext");
        for (name, is_set) in container.security_context.iter().flat_map(&fields) {
            if is_set {
                faults.forbidden(&path.child(name), text);
            }
        }
    });
}

fn windows(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    const TEXT: &str = "cannot be set for a windows pod";
    if let Some(context) = &spec.security_context {
        let within = path.child("securityContext");
        for (path, name, is_set) in [
            (&within, "appArmorProfile", context.app_armor_profile.is_some()),
            (&within, "seLinuxOptions", context.se_linux_options.is_some()),
            (path, "hostUsers", spec.host_users.is_some()),
            (path, "hostPID", spec.host_pid == Some(true)),
            (path, "hostIPC", spec.host_ipc == Some(true)),
            (&within, "seccompProfile", context.seccomp_profile.is_some()),
            (&within, "fsGroup", context.fs_group.is_some()),
            (&within, "fsGroupChangePolicy", context.fs_group_change_policy.is_some()),
            (&within, "sysctls", context.sysctls.is_some()),
            (path, "shareProcessNamespace", spec.share_process_namespace.is_some()),
            (&within, "runAsUser", context.run_as_user.is_some()),
            (&within, "runAsGroup", context.run_as_group.is_some()),
            (&within, "supplementalGroups", context.supplemental_groups.is_some()),
            (&within, "supplementalGroupsPolicy", context.supplemental_groups_policy.is_some()),
            (&within, "seLinuxChangePolicy", context.se_linux_change_policy.is_some()),
        ] {
            if is_set {
                faults.forbidden(&path.child(name), TEXT);
            }
        }
    }
    only_with(spec, path, TEXT, faults, |context| {
        vec![
            ("appArmorProfile", context.app_armor_profile.is_some()),
            ("seLinuxOptions", context.se_linux_options.is_some()),
            ("seccompProfile", context.seccomp_profile.is_some()),
            ("capabilities", context.capabilities.is_some()),
            ("readOnlyRootFilesystem", context.read_only_root_filesystem.is_some()),
            ("privileged", context.privileged.is_some()),
            ("allowPrivilegeEscalation", context.allow_privilege_escalation.is_some()),
            ("procMount", context.proc_mount.is_some()),
            ("runAsUser", context.run_as_user.is_some()),
            ("runAsGroup", context.run_as_group.is_some()),
        ]
    });
}
