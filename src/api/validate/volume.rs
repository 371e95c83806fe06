//! Volumes. Models ValidateVolumes and validateVolumeSource.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::ObjectMeta;
use crate::api::core::{
    CSIVolumeSource, DownwardAPIVolumeFile, GitRepoVolumeSource, HostPathVolumeSource, ImageVolumeSource,
    KeyToPath, NFSVolumeSource, ProjectedVolumeSource, Volume, VolumeProjection,
};
use crate::api::quantity::amount;

use super::claim::ephemeral;
use super::env::{VOLUME_FIELDS, field_ref, volume_resource_field_ref};
use super::field::{Faults, Path};
use super::names::{is_dns1123_label, is_dns1123_subdomain};
use super::paths::{descending, file_mode, no_backsteps, non_reserved};

/// Valid volumes by name.
pub(super) type Volumes<'a> = BTreeMap<&'a str, &'a Volume>;

const ONE_TYPE: &str = "may not specify more than 1 volume type";
const HOST_PATH_TYPES: &[&str] =
    &["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// Checks the volumes and returns the valid ones. `pod` is absent in templates. Models ValidateVolumes.
pub(super) fn volumes<'a>(
    volumes: Option<&'a Vec<Volume>>,
    pod: Option<&ObjectMeta>,
    path: &Path,
    faults: &mut Faults,
) -> Volumes<'a> {
    let mut valid = Volumes::new();
    for (index, volume) in volumes.into_iter().flatten().enumerate() {
        let path = path.index(index);
        let name_path = path.child("name");
        let before = faults.count();
        source(volume, pod, &path, faults);
        match volume.name.as_str() {
            "" => faults.required(&name_path, ""),
            name => faults.invalid_each(&name_path, name, is_dns1123_label(name)),
        }
        if valid.contains_key(volume.name.as_str()) {
            faults.duplicate(&name_path, &volume.name);
        }
        if faults.count() == before {
            valid.insert(&volume.name, volume);
        }
        claim_of_ephemeral(volume, volumes, pod, &path, faults);
    }
    valid
}

fn claim_of_ephemeral(
    volume: &Volume,
    volumes: Option<&Vec<Volume>>,
    pod: Option<&ObjectMeta>,
    path: &Path,
    faults: &mut Faults,
) {
    let Some(claim) = &volume.persistent_volume_claim else { return };
    let Some(pod) = pod.and_then(|meta| meta.name.as_deref()).filter(|name| !name.is_empty()) else { return };
    let mut made = volumes.into_iter().flatten().filter(|volume| volume.ephemeral.is_some());
    if made.any(|volume| claim.claim_name == format!("{pod}-{}", volume.name)) {
        let path = path.child("persistentVolumeClaim");
        let text = "must not reference a PVC that gets created for an ephemeral volume";
        faults.invalid(&path.child("claimName"), &claim.claim_name, text);
    }
}

/// Models validateVolumeSource.
fn source(volume: &Volume, pod: Option<&ObjectMeta>, path: &Path, faults: &mut Faults) {
    let mut used = false;
    // Whether to check this source: the first one is, any further one is a fault.
    let mut first = |name: &str, faults: &mut Faults| {
        let was_used = std::mem::replace(&mut used, true);
        if was_used {
            faults.forbidden(&path.child(name), ONE_TYPE);
        }
        !was_used
    };
    if let Some(empty_dir) = &volume.empty_dir {
        first("emptyDir", faults);
        if empty_dir.size_limit.as_ref().is_some_and(|limit| amount(limit).is_negative()) {
            let path = path.child("emptyDir");
            faults.forbidden(&path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
        }
    }
    if let Some(source) = &volume.host_path
        && first("hostPath", faults)
    {
        host_path(source, &path.child("hostPath"), faults);
    }
    if let Some(source) = &volume.git_repo
        && first("gitRepo", faults)
    {
        git_repo(source, &path.child("gitRepo"), faults);
    }
    if let Some(source) = &volume.secret
        && first("secret", faults)
    {
        let name = source.secret_name.as_deref().unwrap_or_default();
        let at = path.child("secret");
        files(("secretName", name), source.default_mode, source.items.as_ref(), &at, faults);
    }
    if let Some(source) = &volume.nfs
        && first("nfs", faults)
    {
        nfs(source, &path.child("nfs"), faults);
    }
    if let Some(claim) = &volume.persistent_volume_claim
        && first("persistentVolumeClaim", faults)
        && claim.claim_name.is_empty()
    {
        let path = path.child("persistentVolumeClaim");
        faults.required(&path.child("claimName"), "");
    }
    if let Some(downward) = &volume.downward_api
        // Upstream misspells the name here.
        && first("downwarAPI", faults)
    {
        let path = path.child("downwardAPI");
        file_mode(downward.default_mode, &path.child("defaultMode"), faults);
        downward.items.iter().flatten().for_each(|file| downward_file(file, &path, faults));
    }
    if let Some(source) = &volume.config_map
        && first("configMap", faults)
    {
        let at = path.child("configMap");
        files(("name", &source.name), source.default_mode, source.items.as_ref(), &at, faults);
    }
    if let Some(projected) = &volume.projected
        && first("projected", faults)
    {
        projection(projected, &path.child("projected"), faults);
    }
    if let Some(driver) = &volume.csi
        && first("csi", faults)
    {
        csi(driver, &path.child("csi"), faults);
    }
    if let Some(source) = &volume.ephemeral
        && first("ephemeral", faults)
    {
        ephemeral(source, volume, pod, path, faults);
    }
    if let Some(source) = &volume.image
        && first("image", faults)
    {
        image(source, pod, &path.child("image"), faults);
    }
    legacy(volume, &mut first, faults);
    if !used {
        faults.required(path, "must specify a volume type");
    }
}

fn host_path(source: &HostPathVolumeSource, path: &Path, faults: &mut Faults) {
    if source.path.is_empty() {
        faults.required(&path.child("path"), "");
    } else {
        no_backsteps(&source.path, &path.child("path"), faults);
        faults.one_of_if_set(&path.child("type"), source.type_.as_deref(), HOST_PATH_TYPES);
    }
}

fn git_repo(source: &GitRepoVolumeSource, path: &Path, faults: &mut Faults) {
    if source.repository.is_empty() {
        faults.required(&path.child("repository"), "");
    }
    descending(source.directory.as_deref().unwrap_or_default(), &path.child("directory"), faults);
}

fn nfs(source: &NFSVolumeSource, path: &Path, faults: &mut Faults) {
    if source.server.is_empty() {
        faults.required(&path.child("server"), "");
    }
    if source.path.is_empty() {
        faults.required(&path.child("path"), "");
    }
    if !source.path.starts_with('/') {
        faults.invalid(&path.child("path"), &source.path, "must be an absolute path");
    }
}

fn image(source: &ImageVolumeSource, pod: Option<&ObjectMeta>, path: &Path, faults: &mut Faults) {
    if pod.is_some() && source.reference.as_ref().is_none_or(|reference| reference.is_empty()) {
        faults.required(&path.child("reference"), "");
    }
    let policies = &["Always", "IfNotPresent", "Never"];
    faults.one_of(&path.child("pullPolicy"), source.pull_policy.as_deref(), policies);
}

/// Models validateSecretVolumeSource and validateConfigMapVolumeSource.
fn files(
    (field, name): (&str, &str),
    mode: Option<i32>,
    list: Option<&Vec<KeyToPath>>,
    path: &Path,
    faults: &mut Faults,
) {
    if name.is_empty() {
        faults.required(&path.child(field), "");
    }
    file_mode(mode, &path.child("defaultMode"), faults);
    items(list, path, faults);
}

/// Sources of which only the number counts here: nothing simulates what they reach.
fn legacy(volume: &Volume, first: &mut impl FnMut(&str, &mut Faults) -> bool, faults: &mut Faults) {
    for (name, is_used) in [
        ("gcePersistentDisk", volume.gce_persistent_disk.is_some()),
        ("awsElasticBlockStore", volume.aws_elastic_block_store.is_some()),
        ("iscsi", volume.iscsi.is_some()),
        ("glusterfs", volume.glusterfs.is_some()),
        ("flocker", volume.flocker.is_some()),
        ("rbd", volume.rbd.is_some()),
        ("cinder", volume.cinder.is_some()),
        ("cephFS", volume.cephfs.is_some()),
        ("quobyte", volume.quobyte.is_some()),
        ("fc", volume.fc.is_some()),
        ("flexVolume", volume.flex_volume.is_some()),
        ("azureFile", volume.azure_file.is_some()),
        ("vsphereVolume", volume.vsphere_volume.is_some()),
        ("photonPersistentDisk", volume.photon_persistent_disk.is_some()),
        ("portworxVolume", volume.portworx_volume.is_some()),
        ("azureDisk", volume.azure_disk.is_some()),
        ("storageos", volume.storageos.is_some()),
        ("scaleIO", volume.scale_io.is_some()),
    ] {
        if is_used {
            first(name, faults);
        }
    }
}

fn items(items: Option<&Vec<KeyToPath>>, path: &Path, faults: &mut Faults) {
    let path = path.child("items");
    for (index, item) in items.into_iter().flatten().enumerate() {
        key_to_path(item, &path.index(index), faults);
    }
}

/// Models validateKeyToPath.
fn key_to_path(item: &KeyToPath, path: &Path, faults: &mut Faults) {
    if item.key.is_empty() {
        faults.required(&path.child("key"), "");
    }
    if item.path.is_empty() {
        faults.required(&path.child("path"), "");
    }
    non_reserved(&item.path, &path.child("path"), faults);
    file_mode(item.mode, &path.child("mode"), faults);
}

/// Models validateDownwardAPIVolumeFile.
fn downward_file(file: &DownwardAPIVolumeFile, path: &Path, faults: &mut Faults) {
    if file.path.is_empty() {
        faults.required(&path.child("path"), "");
    }
    non_reserved(&file.path, &path.child("path"), faults);
    match (&file.field_ref, &file.resource_field_ref) {
        (Some(field), resource) => {
            field_ref(field, VOLUME_FIELDS, &path.child("fieldRef"), faults);
            if resource.is_some() {
                let text = "fieldRef and resourceFieldRef can not be specified simultaneously";
                faults.invalid(path, "resource", text);
            }
        }
        (None, Some(field)) => volume_resource_field_ref(field, &path.child("resourceFieldRef"), faults),
        (None, None) => faults.required(path, "one of fieldRef and resourceFieldRef is required"),
    }
    file_mode(file.mode, &path.child("mode"), faults);
}

/// Models validateProjectedVolumeSource.
fn projection(projected: &ProjectedVolumeSource, path: &Path, faults: &mut Faults) {
    file_mode(projected.default_mode, &path.child("defaultMode"), faults);
    let mut seen = BTreeSet::new();
    let sources = path.child("sources");
    for (index, source) in projected.sources.iter().flatten().enumerate() {
        let at = sources.index(index);
        projection_source(source, &mut seen, path, &at, faults);
        let count = usize::from(source.secret.is_some())
            + usize::from(source.config_map.is_some())
            + usize::from(source.downward_api.is_some())
            + usize::from(source.service_account_token.is_some())
            + usize::from(source.cluster_trust_bundle.is_some())
            + usize::from(source.pod_certificate.is_some());
        if count > 1 {
            faults.forbidden(&at, "may not specify more than 1 volume type per source");
        }
    }
}

/// Models validateProjectionSources for one source. Conflicts are told about the whole volume.
fn projection_source<'a>(
    source: &'a VolumeProjection,
    seen: &mut BTreeSet<&'a str>,
    whole: &Path,
    path: &Path,
    faults: &mut Faults,
) {
    let mut unique = |file: &'a str, value: &str, faults: &mut Faults| {
        if !file.is_empty() && !seen.insert(file) {
            faults.invalid(whole, value, "conflicting duplicate paths");
        }
    };
    let secret = source.secret.as_ref().map(|source| ("secret", &source.name, &source.items));
    let config_map = source.config_map.as_ref().map(|source| ("configMap", &source.name, &source.items));
    for (field, name, items) in secret.into_iter().chain(config_map) {
        let path = path.child(field);
        if name.is_empty() {
            faults.required(&path.child("name"), "");
        }
        let list = path.child("items");
        for (index, item) in items.iter().flatten().enumerate() {
            key_to_path(item, &list.index(index), faults);
            unique(&item.path, name, faults);
        }
    }
    if let Some(downward) = &source.downward_api {
        for file in downward.items.iter().flatten() {
            downward_file(file, &path.child("downwardAPI"), faults);
            unique(&file.path, &file.path, faults);
        }
    }
    if let Some(token) = &source.service_account_token {
        let at = path.child("serviceAccountToken");
        let (seconds, at) = (token.expiration_seconds.unwrap_or(0), at.child("expirationSeconds"));
        if seconds < 600 {
            faults.invalid(&at, &seconds, "may not specify a duration less than 10 minutes");
        }
        if seconds > 1 << 32 {
            faults.invalid(&at, &seconds, "may not specify a duration larger than 2^32 seconds");
        }
        match token.path.as_str() {
            "" => faults.required(&whole.child("path"), ""),
            file => non_reserved(file, &whole.child("path"), faults),
        }
    }
    if let Some(bundle) = &source.cluster_trust_bundle {
        let path = path.child("clusterTrustBundle");
        if bundle.name.is_none() && bundle.signer_name.is_none() {
            faults.required(&path, "either name or signerName must be specified");
        }
        if bundle.path.is_empty() {
            faults.required(&path.child("path"), "");
        }
        non_reserved(&bundle.path, &path.child("path"), faults);
        unique(&bundle.path, &bundle.path, faults);
    }
}

/// Models validateCSIVolumeSource.
fn csi(source: &CSIVolumeSource, path: &Path, faults: &mut Faults) {
    match source.driver.as_str() {
        "" => faults.required(&path.child("driver"), ""),
        name => {
            if name.len() > 63 {
                faults.too_long(&path.child("driver"), 63);
            }
            let messages = is_dns1123_subdomain(&name.to_lowercase());
            faults.invalid_each(&path.child("driver"), name, messages);
        }
    }
    if let Some(secret) = &source.node_publish_secret_ref {
        match secret.name.as_str() {
            "" => {
                let path = path.child("nodePublishSecretRef");
                faults.required(&path.child("name"), "");
            }
            name => faults.invalid_each(&path.child("name"), name, is_dns1123_subdomain(name)),
        }
    }
}
