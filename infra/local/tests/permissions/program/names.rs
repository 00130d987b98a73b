//! What names lead to.

use super::{At, Function, Program};

impl Program {
    /// The functions of a name, with their places.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (usize, &Function)> {
        self.by_name.get(name).into_iter().flatten().map(|place| (*place, &self.functions[*place]))
    }

    /// The type or trait that is called so there: what the module imports by that name, or has itself, or what stands nearest.
    pub(crate) fn resolve(&self, at: &At, name: &str) -> Option<String> {
        let (at, name) = match self.imports.get(&(at.clone(), name.to_owned())) {
            Some(path) => self.target(at, path)?,
            None => (at.clone(), name.to_owned()),
        };
        let known = self.known.get(&name)?;
        let own: Vec<_> = known.iter().filter(|(of, _)| of.krate == at.krate).collect();
        let near = |of: &At| of.module.iter().zip(&at.module).take_while(|(a, b)| a == b).count();
        match own.iter().max_by_key(|(of, _)| (near(of), usize::MAX - of.module.len())) {
            Some((_, key)) => Some(key.clone()),
            None => {
                let shared = known.iter().find(|(of, _)| self.libraries.contains(&of.krate));
                shared.map(|(_, key)| key.clone())
            }
        }
    }

    /// Where an imported path leads, and the last name of it; nothing where it leads out of the workspace.
    pub(crate) fn target(&self, at: &At, path: &[String]) -> Option<(At, String)> {
        let (name, modules) = path.split_last()?;
        let mut modules = modules.iter().peekable();
        let mut to = at.clone();
        match modules.peek().map(|first| first.as_str()) {
            Some("crate") => to.module.clear(),
            Some("self" | "super") | None => {}
            Some(krate) if krate.starts_with("carteiro_") => {
                to = At { krate: krate.to_owned(), module: Vec::new() };
            }
            Some(first) => {
                let inner: Vec<String> = at.module.iter().cloned().chain([first.to_owned()]).collect();
                let is_ours = self.modules.contains(&At { krate: at.krate.clone(), module: inner });
                let is_type = self.known.contains_key(first);
                if !is_ours && !is_type {
                    return None;
                }
            }
        }
        for module in modules {
            match module.as_str() {
                "crate" | "self" => {}
                "super" => drop(to.module.pop()),
                name if name.starts_with("carteiro_") => {}
                name => to.module.push(name.to_owned()),
            }
        }
        Some((to, name.clone()))
    }

    pub(super) fn import(&mut self, at: &At, path: &mut Vec<String>, tree: &syn::UseTree) {
        use syn::UseTree;
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.import(at, path, &part.tree);
                path.pop();
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(at, path, tree));
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let mut full = path.clone();
                if name != "self" {
                    full.push(name);
                }
                let last = full.last().cloned().unwrap_or_default();
                self.imports.insert((at.clone(), last), full);
            }
            UseTree::Rename(renamed) => {
                let mut full = path.clone();
                full.push(renamed.ident.to_string());
                self.imports.insert((at.clone(), renamed.rename.to_string()), full);
            }
            UseTree::Glob(_) => {}
        }
    }
}
