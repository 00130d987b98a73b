//! What values are taken apart into.

use super::Walk;
use crate::program::Names;
use std::collections::BTreeMap;
use syn::{Expr, Pat};

impl Walk<'_> {
    /// Takes a value apart.
    pub(super) fn pattern(&mut self, pattern: &Pat, names: &Names) {
        match pattern {
            Pat::Ident(ident) => {
                self.bind(&ident.ident.to_string(), names.clone());
                if let Some((_, inner)) = &ident.subpat {
                    self.pattern(inner, names);
                }
            }
            Pat::Reference(inner) => self.pattern(&inner.pat, names),
            Pat::Paren(inner) => self.pattern(&inner.pat, names),
            Pat::Type(typed) => {
                let at = &self.function.at;
                let said =
                    self.program.names(at, self.function.owner.as_deref(), &BTreeMap::new(), &typed.ty);
                let names = if said.is_empty() { names.clone() } else { said };
                self.pattern(&typed.pat, &names);
            }
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.pattern(part, names)),
            Pat::Slice(slice) => slice.elems.iter().for_each(|part| self.pattern(part, names)),
            Pat::Or(or) => or.cases.iter().for_each(|part| self.pattern(part, names)),
            Pat::TupleStruct(of) => {
                let held = self.held(&of.path, None).unwrap_or_else(|| names.clone());
                of.elems.iter().for_each(|part| self.pattern(part, &held));
            }
            Pat::Struct(of) => {
                for field in &of.fields {
                    let name = match &field.member {
                        syn::Member::Named(name) => name.to_string(),
                        syn::Member::Unnamed(index) => index.index.to_string(),
                    };
                    let held = self.held(&of.path, Some(&name)).unwrap_or_else(|| names.clone());
                    self.pattern(&field.pat, &held);
                }
            }
            _ => {}
        }
    }

    /// What a struct's field or a variant holds, if the path names one of ours.
    pub(super) fn held(&self, path: &syn::Path, field: Option<&str>) -> Option<Names> {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let last = segments.last()?;
        if segments.len() >= 2
            && let Some(of) = self.resolve(&segments[segments.len() - 2])
            && let Some(held) = self.program.nominals[&of].fields.get(last)
        {
            return Some(held.clone()).filter(|held| !held.is_empty());
        }
        let of = self.resolve(last)?;
        let fields = &self.program.nominals.get(&of)?.fields;
        match field {
            Some(field) => fields.get(field).cloned(),
            None => {
                Some(fields.values().flatten().cloned().collect()).filter(|held: &Names| !held.is_empty())
            }
        }
    }

    /// `Some(x) = receiver.recv()`, as `select!` has it, or a variable's new value.
    pub(super) fn assign(&mut self, left: &Expr, value: &Names) {
        match left {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    let mut names = self.variable(&name.to_string()).cloned().unwrap_or_default();
                    names.extend(value.iter().cloned());
                    self.bind(&name.to_string(), names);
                }
            }
            Expr::Call(call) => call.args.iter().for_each(|part| self.assign(part, value)),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.assign(part, value)),
            other => drop(self.expression(other)),
        }
    }
}
