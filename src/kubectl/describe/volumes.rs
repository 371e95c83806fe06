//! Volumes of a Pod or a template.

use super::sheet::Sheet;
use crate::api::core::{ProjectedVolumeSource, Volume};
use crate::api::quantity::{Amount, amount};

/// Models describeVolumes.
pub(super) fn describe(sheet: &mut Sheet, volumes: &[Volume], space: &str) {
    if volumes.is_empty() {
        sheet.line(0, format!("{space}Volumes:\t<none>"));
        return;
    }
    sheet.line(0, format!("{space}Volumes:"));
    let indent = if space.is_empty() { "" } else { " " };
    for volume in volumes {
        sheet.line(1, format!("{indent}{}:", volume.name));
        one(sheet, volume);
    }
}

fn one(sheet: &mut Sheet, volume: &Volume) {
    let optional = |value: Option<bool>| value.unwrap_or(false).to_string();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields: Vec<(&str, String)> = if let Some(path) = &volume.host_path {
        let kind = path.type_.clone().unwrap_or_else(|| "<none>".into());
        vec![
            ("Type", "HostPath (bare host directory volume)".into()),
            ("Path", path.path.clone()),
            ("HostPathType", kind),
        ]
    } else if let Some(dir) = &volume.empty_dir {
        let limit = dir.size_limit.as_ref().filter(|limit| amount(limit) > Amount::ZERO);
        vec![
            ("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)".into()),
            ("Medium", text(&dir.medium)),
            ("SizeLimit", limit.map_or_else(|| "<unset>".into(), |limit| limit.0.clone())),
        ]
    } else if let Some(secret) = &volume.secret {
        vec![
            ("Type", "Secret (a volume populated by a Secret)".into()),
            ("SecretName", text(&secret.secret_name)),
            ("Optional", optional(secret.optional)),
        ]
    } else if let Some(map) = &volume.config_map {
        vec![
            ("Type", "ConfigMap (a volume populated by a ConfigMap)".into()),
            ("Name", map.name.clone()),
            ("Optional", optional(map.optional)),
        ]
    } else if let Some(claim) = &volume.persistent_volume_claim {
        let kind = "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)";
        vec![
            ("Type", kind.into()),
            ("ClaimName", claim.claim_name.clone()),
            ("ReadOnly", optional(claim.read_only)),
        ]
    } else if let Some(downward) = &volume.downward_api {
        sheet.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
        sheet.line(2, "Items:");
        for item in downward.items.iter().flatten() {
            let field = item.field_ref.as_ref().map(|field| &field.field_path);
            let resource = item.resource_field_ref.as_ref().map(|resource| &resource.resource);
            for from in field.into_iter().chain(resource) {
                sheet.line(3, format!("{from} -> {}", item.path));
            }
        }
        Vec::new()
    } else if let Some(projected) = &volume.projected {
        projected_fields(projected)
    } else {
        sheet.line(1, "<unknown>");
        Vec::new()
    };
    for (name, value) in fields {
        sheet.line(2, format!("{name}:\t{value}"));
    }
}

fn projected_fields(projected: &ProjectedVolumeSource) -> Vec<(&'static str, String)> {
    let mut fields =
        vec![("Type", "Projected (a volume that contains injected data from multiple sources)".to_string())];
    let optional = |value: Option<bool>| ("Optional", value.unwrap_or(false).to_string());
    for source in projected.sources.iter().flatten() {
        if let Some(secret) = &source.secret {
            fields.extend([("SecretName", secret.name.clone()), optional(secret.optional)]);
        } else if source.downward_api.is_some() {
            fields.push(("DownwardAPI", "true".into()));
        } else if let Some(map) = &source.config_map {
            fields.extend([("ConfigMapName", map.name.clone()), optional(map.optional)]);
        } else if let Some(token) = &source.service_account_token {
            fields.push(("TokenExpirationSeconds", token.expiration_seconds.unwrap_or(0).to_string()));
        }
    }
    fields
}
