//! What a person does on the playground: types, sees the cluster follow, is told what is wrong, mends it.

use std::time::Duration;

use crate::check;
use chrome::{Page, Result, View};

const LOAD: Duration = Duration::from_secs(30);
/// Pods start within some seconds of the page's own time.
const FOLLOW: Duration = Duration::from_secs(20);

const NGINX: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
  labels:
    app: nginx
spec:
  replicas: 3
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.14.2
        ports:
        - containerPort: 80
";

/// Opens the playground, replaces the manifest in the editor by `text` and goes on with `then`.
fn check_typed(text: &str, then: impl FnOnce(&mut Page) -> Result<()>) -> Result<()> {
    check("", &View::default(), |page| {
        page.wait_for(
            "document.querySelector('.cm-content') && document.querySelector('[role=treeitem]')",
            LOAD,
        )?;
        page.click(".cm-content")?;
        page.press("Control+a")?;
        page.type_text(text)?;
        then(page)
    })
}

/// JavaScript for the number of Ready Pods of the documentation's Deployment on the stage.
const READY: &str = "[...document.querySelectorAll('[role=treeitem]')]\
    .filter(item => /nginx-d/.test(item.textContent) && /Ready ·/.test(item.textContent)).length";

#[test]
fn a_typed_deployment_comes_up() -> Result<()> {
    check_typed(NGINX, |page| page.wait_for(&format!("{READY} === 3"), FOLLOW))
}

#[test]
fn a_misspelt_field_is_told_at_its_line() -> Result<()> {
    check_typed(&NGINX.replace("replicas", "replicsa"), |page| {
        page.wait_for("document.body.textContent.includes('unknown field \"spec.replicsa\"')", FOLLOW)?;
        page.wait_for("document.querySelector('.cm-lintRange-error')", FOLLOW)?;
        let line =
            page.eval("document.querySelector('.cm-lintRange-error').closest('.cm-line').textContent")?;
        assert_eq!(line, "  replicsa: 3");
        Ok(())
    })
}

#[test]
fn lost_indentation_is_mended_by_one_fix() -> Result<()> {
    let flat: String = NGINX.lines().flat_map(|line| [line.trim_start(), "\n"]).collect();
    check_typed(&flat, |page| {
        page.wait_for("document.querySelector('.problems .mend')", FOLLOW)?;
        page.click(".problems .mend")?;
        page.wait_for(&format!("{READY} === 3"), FOLLOW)
    })
}
