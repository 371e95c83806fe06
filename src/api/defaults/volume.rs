//! Defaults of volumes. Models SetDefaults_Volume and the defaults of its sources.

use crate::api::core::{
    DownwardAPIVolumeFile, EphemeralVolumeSource, ISCSIVolumeSource, PersistentVolumeClaimSpec,
    RBDVolumeSource, Volume, VolumeProjection,
};

use super::container::{field_ref, image_pull_policy, resource_field_ref};
use super::zero::{drop_zero, each, text};
use super::{metadata, resources};

/// The mode of files in volumes that say none: 0644.
const DEFAULT_MODE: i32 = 0o644;

/// One volume.
pub(super) fn volume(volume: &mut Volume) {
    if !has_source(volume) {
        volume.empty_dir = Some(Default::default());
    }
    if let Some(empty_dir) = &mut volume.empty_dir {
        drop_zero(&mut empty_dir.medium);
        empty_dir.size_limit.iter_mut().for_each(resources::canonical);
    }
    if let Some(host_path) = &mut volume.host_path {
        host_path.type_.get_or_insert_default();
    }
    if let Some(config_map) = &mut volume.config_map {
        config_map.default_mode.get_or_insert(DEFAULT_MODE);
        drop_zero(&mut config_map.items);
    }
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(DEFAULT_MODE);
        drop_zero(&mut secret.items);
    }
    if let Some(downward) = &mut volume.downward_api {
        downward.default_mode.get_or_insert(DEFAULT_MODE);
        each(&mut downward.items).for_each(downward_file);
    }
    if let Some(projected) = &mut volume.projected {
        projected.default_mode.get_or_insert(DEFAULT_MODE);
        each(&mut projected.sources).for_each(projection);
    }
    if let Some(image) = &mut volume.image {
        image_pull_policy(&mut image.pull_policy, image.reference.as_deref());
    }
    if let Some(claim) = &mut volume.persistent_volume_claim {
        drop_zero(&mut claim.read_only);
    }
    if let Some(nfs) = &mut volume.nfs {
        drop_zero(&mut nfs.read_only);
    }
    volume.iscsi.iter_mut().for_each(iscsi);
    volume.rbd.iter_mut().for_each(rbd);
    volume.ephemeral.iter_mut().for_each(ephemeral);
    legacy(volume);
}

fn has_source(volume: &Volume) -> bool {
    // The common ones first: any one settles it.
    volume.empty_dir.is_some()
        || volume.config_map.is_some()
        || volume.projected.is_some()
        || volume.secret.is_some()
        || volume.persistent_volume_claim.is_some()
        || *volume != Volume { name: volume.name.clone(), ..Volume::default() }
}

fn downward_file(file: &mut DownwardAPIVolumeFile) {
    file.field_ref.iter_mut().for_each(field_ref);
    file.resource_field_ref.iter_mut().for_each(resource_field_ref);
}

fn projection(source: &mut VolumeProjection) {
    if let Some(downward) = &mut source.downward_api {
        each(&mut downward.items).for_each(downward_file);
    }
    if let Some(token) = &mut source.service_account_token {
        drop_zero(&mut token.audience);
        token.expiration_seconds.get_or_insert(3600);
    }
    if let Some(config_map) = &mut source.config_map {
        drop_zero(&mut config_map.items);
    }
    if let Some(secret) = &mut source.secret {
        drop_zero(&mut secret.items);
    }
}

fn ephemeral(source: &mut EphemeralVolumeSource) {
    if let Some(template) = &mut source.volume_claim_template {
        metadata(template.metadata.get_or_insert_default());
        claim_spec(&mut template.spec);
    }
}

/// What a claim for a volume leaves out. Models SetDefaults_PersistentVolumeClaimSpec.
pub(super) fn claim_spec(spec: &mut PersistentVolumeClaimSpec) {
    text(&mut spec.volume_mode, "Filesystem");
    drop_zero(&mut spec.access_modes);
    drop_zero(&mut spec.volume_name);
    let amounts = spec.resources.get_or_insert_default();
    resources::list(&mut amounts.limits);
    resources::list(&mut amounts.requests);
}

fn iscsi(source: &mut ISCSIVolumeSource) {
    text(&mut source.iscsi_interface, "default");
}

fn rbd(source: &mut RBDVolumeSource) {
    text(&mut source.pool, "rbd");
    text(&mut source.user, "admin");
    text(&mut source.keyring, "/etc/ceph/keyring");
}

/// Sources that hardly anybody uses any more, but that still have defaults.
fn legacy(volume: &mut Volume) {
    if let Some(disk) = &mut volume.azure_disk {
        disk.caching_mode.get_or_insert_with(|| "ReadWrite".into());
        disk.fs_type.get_or_insert_with(|| "ext4".into());
        disk.read_only.get_or_insert(false);
        disk.kind.get_or_insert_with(|| "Shared".into());
    }
    if let Some(scale_io) = &mut volume.scale_io {
        text(&mut scale_io.storage_mode, "ThinProvisioned");
        text(&mut scale_io.fs_type, "xfs");
    }
}
