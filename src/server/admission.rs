//! Mutating admission of new objects.

use std::sync::Arc;

use super::Server;
use crate::api::core::{
    ConfigMapProjection, Container, DownwardAPIProjection, DownwardAPIVolumeFile, KeyToPath,
    ObjectFieldSelector, PodSpec, ProjectedVolumeSource, ServiceAccountTokenProjection, Toleration, Volume,
    VolumeMount, VolumeProjection,
};
use crate::api::{Object, Status};

const TOKEN_MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// An hour and seven seconds: upstream marks the tokens that it projects itself by this odd length.
const TOKEN_SECONDS: i64 = 3607;
/// How long a Pod stays bound to a node that is not ready or not reachable.
const NODE_TROUBLE_SECONDS: i64 = 300;

impl Server {
    /// Runs the mutating admission plugins for a new object.
    pub(super) fn admit_create(&mut self, object: &mut Object) -> Result<(), Status> {
        if let Object::Pod(pod) = object {
            let spec = Arc::make_mut(pod).spec_mut();
            self.admit_service_account(spec);
            admit_priority(spec);
            admit_tolerations(spec);
        }
        Ok(())
    }

    /// Models plugin/pkg/admission/serviceaccount: the account's name and its projected token.
    fn admit_service_account(&mut self, spec: &mut PodSpec) {
        let account = spec.service_account_name.get_or_insert_with(|| "default".into());
        spec.service_account = Some(account.clone());
        if spec.automount_service_account_token == Some(false) {
            return;
        }
        let mounted = |c: &Container| c.volume_mounts.iter().flatten().any(|m| m.mount_path == TOKEN_MOUNT);
        let all = || spec.init_containers.iter().flatten().chain(&spec.containers);
        if all().all(mounted) {
            return;
        }
        let name = format!("kube-api-access-{}", self.random.suffix(5));
        for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
            if !mounted(container) {
                container.volume_mounts.get_or_insert_default().push(VolumeMount {
                    name: name.clone(),
                    read_only: Some(true),
                    mount_path: TOKEN_MOUNT.into(),
                    ..Default::default()
                });
            }
        }
        spec.volumes.get_or_insert_default().push(token_volume(name));
    }
}

fn token_volume(name: String) -> Volume {
    let token = VolumeProjection {
        service_account_token: Some(ServiceAccountTokenProjection {
            expiration_seconds: Some(TOKEN_SECONDS),
            path: "token".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let authority = VolumeProjection {
        config_map: Some(ConfigMapProjection {
            name: "kube-root-ca.crt".into(),
            items: Some(vec![KeyToPath {
                key: "ca.crt".into(),
                path: "ca.crt".into(),
                ..Default::default()
            }]),
            ..Default::default()
        }),
        ..Default::default()
    };
    let namespace = VolumeProjection {
        downward_api: Some(DownwardAPIProjection {
            items: Some(vec![DownwardAPIVolumeFile {
                path: "namespace".into(),
                field_ref: Some(ObjectFieldSelector {
                    api_version: Some("v1".into()),
                    field_path: "metadata.namespace".into(),
                }),
                ..Default::default()
            }]),
        }),
        ..Default::default()
    };
    Volume {
        name,
        projected: Some(ProjectedVolumeSource {
            default_mode: Some(0o644),
            sources: Some(vec![token, authority, namespace]),
        }),
        ..Default::default()
    }
}

/// Models plugin/pkg/admission/priority for Pods without a class.
fn admit_priority(spec: &mut PodSpec) {
    spec.priority.get_or_insert(0);
    spec.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".into());
}

/// Models plugin/pkg/admission/defaulttolerationseconds.
fn admit_tolerations(spec: &mut PodSpec) {
    let tolerations = spec.tolerations.get_or_insert_default();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = tolerations.iter().any(|t| {
            let keys = t.key.as_deref().unwrap_or_default();
            let effects = t.effect.as_deref().unwrap_or_default();
            (keys == key || keys.is_empty()) && (effects == "NoExecute" || effects.is_empty())
        });
        if !tolerated {
            tolerations.push(Toleration {
                key: Some(key.into()),
                operator: Some("Exists".into()),
                effect: Some("NoExecute".into()),
                toleration_seconds: Some(NODE_TROUBLE_SECONDS),
                ..Default::default()
            });
        }
    }
}
