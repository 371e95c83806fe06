//! Variables. A clone shares them until it is changed, which makes subshells cheap.

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::kernel::Environment;

/// Most variables, and the longest value.
const MAX_VARIABLES: usize = 10_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Var {
    pub value: Option<String>,
    pub array: Option<Vec<String>>,
    pub exported: bool,
    pub readonly: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Vars(Arc<BTreeMap<String, Var>>);

impl Vars {
    pub fn from_environment(env: &Environment) -> Vars {
        let var = |value: &String| Var { value: Some(value.clone()), exported: true, ..Var::default() };
        Vars(Arc::new(order::map(env.iter().map(|(name, value)| (name.clone(), var(value))))))
    }

    /// What children inherit.
    pub fn environment(&self) -> Environment {
        let exported = self.0.iter().filter(|(_, var)| var.exported);
        Arc::new(order::map(exported.filter_map(|(name, var)| Some((name.clone(), var.value.clone()?)))))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let var = self.0.get(name)?;
        match &var.array {
            Some(array) => array.first().map(String::as_str),
            None => var.value.as_deref(),
        }
    }

    pub fn array(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Var { array: Some(array), .. }) => array.clone(),
            Some(Var { value: Some(value), .. }) => vec![value.clone()],
            _ => Vec::new(),
        }
    }

    pub fn var(&self, name: &str) -> Option<&Var> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Var)> {
        self.0.iter()
    }

    pub fn is_readonly(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|var| var.readonly)
    }

    /// The variable to change; made if it is not there.
    pub fn entry(&mut self, name: &str) -> &mut Var {
        let vars = Arc::make_mut(&mut self.0);
        if vars.len() >= MAX_VARIABLES && !vars.contains_key(name) {
            vars.pop_last();
        }
        vars.entry(name.to_owned()).or_default()
    }

    /// Sets a value; read-only variables stay.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        if self.is_readonly(name) {
            return;
        }
        let var = self.entry(name);
        match &mut var.array {
            Some(array) if !array.is_empty() => array[0] = value.into(),
            _ => var.value = Some(value.into()),
        }
    }

    pub fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.0).remove(name);
    }

    /// Puts a variable back as it was.
    pub fn restore(&mut self, name: &str, old: Option<Var>) {
        match old {
            Some(var) => *self.entry(name) = var,
            None => self.remove(name),
        }
    }
}
