//! `kubectl get`. Models k8s.io/kubectl/pkg/cmd/get.

use crate::api::order;
use serde_json::{Value, json};

use super::client::body;
use super::failure::Failure;
use super::grid::Grid;
use super::jsonpath::{self, Template};
use super::parse::Setting;
use super::print::{self, Format, full_name, singular};
use super::resources::{Nameless, Selection, Want};
use super::tables::{self, Clock, Shown};
use super::wait::Wait;
use super::{Job, Outcome, Output, manifest};
use crate::api::patch::go_value;
use crate::api::{Object, Scope, yaml};
use crate::cluster::Cluster;
use crate::store::Revision;

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    let format = Format::parse(job.args.value("output"))?;
    let selection = asked(job)?;
    let watches = job.args.is_set("watch") || job.args.is_set("watch-only");
    if watches && selection.kinds().len() > 1 {
        return Err(Failure::message("you may only specify a single resource type"));
    }
    let (mut objects, mut failures) = job.fetch(&selection);
    if job.args.is_set("ignore-not-found") {
        failures.retain(|failure| !failure.is_not_found());
    }
    if let Some(path) = job.args.value("sort-by").filter(|path| !path.is_empty()) {
        sort(&mut objects, path)?;
    }
    let style = Style::of(job, &format, &selection);
    if watches {
        let found = Failure::all(failures);
        return found.map(|()| Some(Wait::Watch(watch(job, (selection, format, style), objects))));
    }
    let failed = !failures.is_empty();
    match &format {
        Format::Usual | Format::Wide | Format::Columns(_) => {
            let text = tabulate(job, &objects, &format, &style);
            if text.is_empty() && !failed && !job.args.is_set("ignore-not-found") {
                job.out.stderr.push_str(&nothing(job, &selection));
            }
            job.out.stdout.push_str(&text);
        }
        _ if objects.is_empty() && failed => {}
        format => {
            let single = selection.wants.len() == 1 && selection.names_objects();
            let text = whole(&objects, format, single)?;
            job.out.stdout.push_str(&text);
            if matches!(format, Format::Name) && objects.is_empty() && !failed {
                job.out.stderr.push_str(&nothing(job, &selection));
            }
        }
    }
    Failure::all(failures).map(|()| None)
}

fn asked(job: &Job<'_>) -> Result<Selection, Failure> {
    let files = job.args.list("filename");
    if !files.is_empty() {
        let (manifests, failures) = manifest::read(job, &files);
        Failure::all(failures)?;
        let wants = manifests.into_iter().map(|manifest| Want::One(manifest.key)).collect();
        return Ok(Selection::of(wants));
    }
    if job.args.positional.is_empty() {
        let text = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of \
                    supported resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain <resource>\" \
                    for a detailed description of that resource (e.g. kubectl explain pods).\n\
                    See 'kubectl get -h' for help and examples";
        return Err(Failure::message(text));
    }
    job.selection(&job.args.positional, Nameless::All)
}

/// What kubectl says when there is nothing.
fn nothing(job: &Job<'_>, selection: &Selection) -> String {
    let namespaced = selection.kinds().iter().all(|kind| kind.scope() == Scope::Namespaced);
    match namespaced && !selection.everywhere {
        true => format!("No resources found in {} namespace.\n", job.client.namespace),
        false => "No resources found\n".into(),
    }
}

/// Sorts by a field. Models the sorter of cmd/get.
fn sort(objects: &mut [Object], path: &str) -> Result<(), Failure> {
    let template = Template::path(path).map_err(Failure::message)?;
    let key = |object: &Object| {
        let body = body(object);
        let found = template.find(&body).first().map(|value| (*value).clone());
        match found {
            Some(Value::Number(number)) => {
                (0, number.as_f64().unwrap_or(0.0).to_bits() as i64, String::new())
            }
            Some(value) => (1, 0, jsonpath::shown(&value)),
            None => (-1, 0, String::new()),
        }
    };
    let mut keyed: Vec<_> = objects.iter().map(|object| (key(object), object.clone())).collect();
    order::sort_by(&mut keyed, |a, b| a.0.cmp(&b.0));
    for (place, (_, object)) in objects.iter_mut().zip(keyed) {
        *place = object;
    }
    Ok(())
}

/// The objects as JSON, YAML, names or through a template.
fn whole(objects: &[Object], format: &Format, single: bool) -> Result<String, Failure> {
    if *format == Format::Name {
        return Ok(objects.iter().map(|object| full_name(object.kind(), object.name()) + "\n").collect());
    }
    let value = match objects {
        [object] if single => body(object),
        objects => json!({
            "apiVersion": "v1",
            "items": objects.iter().map(body).collect::<Vec<_>>(),
            "kind": "List",
            "metadata": {"resourceVersion": ""},
        }),
    };
    match format {
        Format::Json => Ok(print::json(&value)),
        Format::JsonPath(template) => template
            .execute(&value)
            .map_err(|fault| Failure::message(format!("error executing jsonpath: {fault}"))),
        _ => Ok(yaml::to_yaml(&value)),
    }
}

/// What a table shows beside its own columns.
#[derive(Clone, Debug)]
struct Style {
    wide: bool,
    namespaces: bool,
    kinds: bool,
    labels: bool,
    label_columns: Vec<String>,
    headers: bool,
}

impl Style {
    fn of(job: &Job<'_>, format: &Format, selection: &Selection) -> Style {
        let args = &job.args;
        Style {
            wide: *format == Format::Wide,
            namespaces: selection.everywhere,
            kinds: selection.kinds().len() > 1 || args.is_set("show-kind"),
            labels: args.is_set("show-labels"),
            label_columns: args.list("label-columns").into_iter().map(String::from).collect(),
            headers: !args.is_set_or("no-headers", Setting::Off),
        }
    }

    /// The names and cells of one object.
    fn row(&self, object: &Object, clock: Clock) -> (Vec<String>, Vec<String>) {
        let (mut names, mut cells) = (Vec::new(), Vec::new());
        let mut add = |name: String, cell: String| {
            names.push(name);
            cells.push(cell);
        };
        if self.namespaces && object.kind().scope() == Scope::Namespaced {
            add("NAMESPACE".into(), object.namespace().into());
        }
        let columns = tables::columns(object, clock);
        for column in columns.into_iter().filter(|column| self.wide || column.shown == Shown::Always) {
            let text = column.cell.text();
            let text = match self.kinds && column.name == "Name" {
                true => format!("{}/{text}", singular(object.kind())),
                false => one_line(&text),
            };
            add(column.name.to_uppercase(), text);
        }
        let labels = object.meta().labels.clone().unwrap_or_default();
        for key in &self.label_columns {
            let name = key.rsplit('/').next().unwrap_or(key).to_uppercase();
            add(name, labels.get(key).cloned().unwrap_or_default());
        }
        if self.labels {
            let all: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            add("LABELS".into(), if all.is_empty() { "<none>".into() } else { all.join(",") });
        }
        (names, cells)
    }
}

/// Tables show the first line of a text.
fn one_line(text: &str) -> String {
    match text.find(['\n', '\r', '\u{c}']) {
        Some(end) => format!("{}...", &text[..end]),
        None => text.into(),
    }
}

/// One table a kind, an empty line between them.
fn tabulate(job: &Job<'_>, objects: &[Object], format: &Format, style: &Style) -> String {
    if let Format::Columns(columns) = format {
        return custom(objects, columns, style);
    }
    let clock = Clock { now: job.client.now(), epoch: job.client.epoch() };
    let mut text = String::new();
    for group in objects.chunk_by(|a, b| a.kind() == b.kind()) {
        if !text.is_empty() && style.headers {
            text.push('\n');
        }
        let mut rows = Vec::new();
        for object in group {
            let (names, cells) = style.row(object, clock);
            if rows.is_empty() && style.headers {
                rows.push(names);
            }
            rows.push(cells);
        }
        text.push_str(&Grid::table().render(&rows));
    }
    text
}

/// Models cmd/get/customcolumn.go.
fn custom(objects: &[Object], columns: &[(String, Template)], style: &Style) -> String {
    let mut rows = Vec::new();
    if style.headers {
        rows.push(columns.iter().map(|(header, _)| header.clone()).collect());
    }
    for object in objects {
        let body = body(object);
        let cell = |(_, template): &(String, Template)| {
            let found = template.find(&body);
            match found.is_empty() {
                true => "<none>".into(),
                false => found.iter().map(|value| go_value(value)).collect::<Vec<_>>().join(","),
            }
        };
        rows.push(columns.iter().map(cell).collect());
    }
    Grid::table().render(&rows)
}

/// `kubectl get -w`: prints a row for every change.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    selection: Selection,
    format: Format,
    style: Style,
    grid: Grid,
    /// What is to be printed first.
    initial: Vec<Object>,
    revision: Revision,
    namespace: String,
    headed: bool,
}

fn watch(
    job: &Job<'_>,
    (selection, format, style): (Selection, Format, Style),
    objects: Vec<Object>,
) -> Watch {
    Watch {
        initial: if job.args.is_set("watch-only") { Vec::new() } else { objects },
        revision: job.client.revision(),
        namespace: job.client.namespace.clone(),
        selection,
        format,
        style,
        grid: Grid::table(),
        headed: false,
    }
}

impl Watch {
    /// A watch never ends by itself.
    pub fn poll(&mut self, cluster: &Cluster, out: &mut Output) -> Option<Result<(), Failure>> {
        let mut clock = Clock { now: cluster.now(), epoch: cluster.epoch() };
        let initial = std::mem::take(&mut self.initial);
        if let Err(failure) = self.print(&initial, clock, out) {
            return Some(Err(failure));
        }
        for change in cluster.store().changes_since(self.revision) {
            self.revision = change.revision;
            let object = change.object();
            if self.concerns(object) {
                clock.now = change.time;
                if let Err(failure) = self.print(std::slice::from_ref(object), clock, out) {
                    return Some(Err(failure));
                }
            }
        }
        None
    }

    fn concerns(&self, object: &Object) -> bool {
        let here = self.selection.everywhere
            || object.kind().scope() == Scope::Cluster
            || object.namespace() == self.namespace;
        let asked = self.selection.wants.iter().any(|want| match want {
            Want::One(key) => *key == object.key(),
            Want::Every(kind) => *kind == object.kind() && here,
        });
        asked && self.selection.matches(object)
    }

    fn print(&mut self, objects: &[Object], clock: Clock, out: &mut Output) -> Result<(), Failure> {
        if !matches!(self.format, Format::Usual | Format::Wide) {
            for object in objects {
                out.stdout.push_str(&whole(std::slice::from_ref(object), &self.format, true)?);
            }
            return Ok(());
        }
        let mut rows = Vec::new();
        for object in objects {
            let (names, cells) = self.style.row(object, clock);
            if self.style.headers && !self.headed {
                rows.push(names);
                self.headed = true;
            }
            rows.push(cells);
        }
        out.stdout.push_str(&self.grid.render(&rows));
        Ok(())
    }
}
