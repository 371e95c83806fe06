//! Values that are missing, where one can be made up that is likely to be right.

use serde_json::{Value, json};

use super::edit;
use super::locate::{Spot, parent};
use super::model::{Fix, Label};
use crate::api::validate;

/// Inserts the field, with a value made from what stands around it.
pub(super) fn fix(root: Spot<'_>, path: &str, text: &str) -> Option<Fix> {
    let (holder, name) = parent(path);
    let value = value_for(root, root.find(holder), path)?;
    let spot = root.find(path);
    // An empty text in its place is as good as none.
    let edits = match spot.is_whole() && spot.value.is_string() {
        true => edit::replace(&spot, &value)?,
        false if spot.is_whole() => {
            edit::insert_entry(text, &Spot { rest: "", ..root.find(holder) }, name, value)?
        }
        false => edit::insert(text, &spot, value)?,
    };
    Some(Fix { label: Label::Insert { field: name.to_owned() }, edits })
}

fn value_for(root: Spot<'_>, holder: Spot<'_>, path: &str) -> Option<Value> {
    let (before, name) = parent(path);
    match (before.rsplit('.').next().unwrap_or_default(), name) {
        ("metadata", "name") if before == "metadata" => Some(object_name(root).into()),
        ("spec", "selector") if before == "spec" => {
            let labels = root.value.pointer("/spec/template/metadata/labels")?;
            let labels = labels.as_object().filter(|labels| !labels.is_empty())?;
            Some(json!({"matchLabels": labels}))
        }
        (list, "name") if list.starts_with("containers[") || list.starts_with("initContainers[") => {
            Some(image_name(holder.value.get("image")?.as_str()?)?.into())
        }
        (list, "name") if list.starts_with("ports[") => {
            let port = holder.value.get("port").or_else(|| holder.value.get("containerPort"))?;
            Some(format!("port-{}", port.as_i64()?).into())
        }
        (_, "restartPolicy") => Some("Never".into()),
        (_, "hostPath") | ("hostPath", "type") => None,
        ("configMapKeyRef" | "secretKeyRef", _) => None,
        _ => None,
    }
}

/// A name for an object: that of its app or of its first container, or else its kind.
fn object_name(root: Spot<'_>) -> String {
    let kind = root.value.get("kind").and_then(Value::as_str).unwrap_or("object").to_lowercase();
    let text = |path: &str| root.value.pointer(path).and_then(Value::as_str);
    let paths = [
        "/metadata/labels/app",
        "/spec/selector/matchLabels/app",
        "/spec/template/metadata/labels/app",
        "/spec/selector/app",
        "/spec/template/spec/containers/0/name",
        "/spec/containers/0/name",
    ];
    let mut names = paths.into_iter().filter_map(text);
    let fitting = names.find(|name| validate::is_dns1123_label(name).is_empty());
    fitting.map_or(kind, str::to_owned)
}

/// `nginx` of `registry.k8s.io/web/nginx:1.25`.
fn image_name(image: &str) -> Option<String> {
    let last = image.rsplit('/').next()?.split([':', '@']).next()?;
    let name = last.to_lowercase().replace(['.', '_'], "-");
    validate::is_dns1123_label(&name).is_empty().then_some(name)
}
