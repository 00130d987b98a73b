//! Which settings of the environment a value is made of.

use super::Walk;
use crate::program::Names;
use syn::{Expr, Pat};

impl Walk<'_> {
    /// Notes the settings that a variable is made of, piece by piece where a tuple is.
    pub(super) fn note_settings(&mut self, pattern: &Pat, value: &Expr) {
        match (pattern, value) {
            (Pat::Tuple(pattern), Expr::Tuple(value)) => {
                pattern
                    .elems
                    .iter()
                    .zip(&value.elems)
                    .for_each(|(pattern, value)| self.note_settings(pattern, value));
            }
            (Pat::Ident(ident), _) => {
                let settings = self.settings_of(value);
                self.local_settings.insert(ident.ident.to_string(), settings);
            }
            _ => {}
        }
    }

    /// The settings that a value is made of: those that it names, and those of the variables and fields that it names.
    pub(super) fn settings_of(&self, value: &Expr) -> Names {
        let mut settings = Names::new();
        match value {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    settings
                        .extend(self.local_settings.get(&name.to_string()).into_iter().flatten().cloned());
                }
            }
            Expr::Field(field) => {
                if let syn::Member::Named(name) = &field.member {
                    settings.extend(self.named.get(&name.to_string()).into_iter().flatten().cloned());
                }
            }
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                settings.extend(Some(text.value()).filter(|text| text.starts_with("CARTEIRO_")));
            }
            Expr::Reference(inner) => settings.extend(self.settings_of(&inner.expr)),
            Expr::Try(inner) => settings.extend(self.settings_of(&inner.expr)),
            Expr::Await(inner) => settings.extend(self.settings_of(&inner.base)),
            Expr::MethodCall(call) => {
                settings.extend(self.settings_of(&call.receiver));
                settings.extend(call.args.iter().flat_map(|argument| self.settings_of(argument)));
            }
            Expr::Struct(of) => {
                settings.extend(of.fields.iter().flat_map(|field| self.settings_of(&field.expr)));
            }
            Expr::Call(call) => {
                settings.extend(call.args.iter().flat_map(|argument| self.settings_of(argument)))
            }
            _ => {}
        }
        settings
    }
}
