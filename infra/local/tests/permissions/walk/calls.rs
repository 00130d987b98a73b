//! What names and methods lead to.

use super::Walk;
use crate::program::{Function, Names};
use std::collections::BTreeMap;
use syn::Expr;

impl Walk<'_> {
    /// A name: of a variable, a function, or a value of a type.
    pub(super) fn path(&mut self, path: &syn::Path) -> Names {
        if let Some(name) = path.get_ident()
            && let Some(names) = self.variable(&name.to_string())
        {
            return names.clone();
        }
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let found = self.functions_named(&segments);
        let mut names = Names::new();
        for place in &found {
            names.extend(self.program.functions[*place].output.iter().cloned());
        }
        self.deeds.calls.extend(found);
        let (last, before) = segments.split_last().unwrap();
        if let Some(of) = before.last().and_then(|name| self.resolve(name)) {
            if self.program.nominals[&of].is_trait {
                names.extend(self.program.nominals[&of].answers.get(last).into_iter().flatten().cloned());
                self.deeds.asks.insert((of, last.clone()));
            } else {
                // A variant, a constant, or a derived function such as `default`.
                self.make(&[of.clone()].into());
                names.insert(of);
            }
        } else if let Some(of) = self.resolve(last).filter(|_| last.starts_with(char::is_uppercase)) {
            self.make(&[of.clone()].into());
            names.insert(of);
        }
        names
    }

    /// The functions that a path names.
    pub(super) fn functions_named(&self, segments: &[String]) -> Vec<usize> {
        let function = self.function;
        let (last, before) = segments.split_last().unwrap();
        if let Some(owner) = before.last().and_then(|name| self.resolve(name)) {
            let of = |f: &Function| f.owner.as_ref() == Some(&owner);
            return self.program.named(last).filter(|(_, f)| of(f)).map(|(place, _)| place).collect();
        }
        let mut path = segments.to_vec();
        if let Some(import) = self.program.imports.get(&(function.at.clone(), segments[0].clone())) {
            path = import.iter().chain(&segments[1..]).cloned().collect();
        }
        let Some((to, name)) = self.program.target(&function.at, &path) else { return Vec::new() };
        let free: Vec<(usize, &Function)> =
            self.program.named(&name).filter(|(_, f)| f.owner.is_none() && f.at.krate == to.krate).collect();
        let exact = free.iter().filter(|(_, f)| f.at == to).map(|f| f.0);
        let exact: Vec<usize> = exact.collect();
        // A name that another module tells on; a name alone is a function only of where it stands.
        if exact.is_empty() && path.len() > 1 { free.iter().map(|f| f.0).collect() } else { exact }
    }

    /// Notes the calls of a method of one of these; answers what it answers, if one of them has it.
    pub(super) fn method(&mut self, of: &Names, name: &str) -> Option<Names> {
        let mut answer: Option<Names> = None;
        let mut with_it = Names::new();
        for owner in of {
            let Some(nominal) = self.program.nominals.get(owner) else { continue };
            if nominal.is_trait {
                let Some(said) = nominal.answers.get(name) else { continue };
                self.deeds.asks.insert((owner.clone(), name.to_owned()));
                answer.get_or_insert_default().extend(said.iter().cloned());
                with_it.insert(owner.clone());
                continue;
            }
            let mut found = false;
            for (place, function) in self.program.named(name) {
                if function.owner.as_ref() == Some(owner) {
                    self.deeds.calls.insert(place);
                    answer.get_or_insert_default().extend(function.output.iter().cloned());
                    with_it.insert(owner.clone());
                    found = true;
                }
            }
            // What a trait gives to all that have it.
            for of_trait in nominal.traits.iter().filter(|_| !found) {
                let Some(said) = self.program.nominals.get(of_trait).and_then(|n| n.answers.get(name)) else {
                    continue;
                };
                self.deeds.asks.insert((of_trait.clone(), name.to_owned()));
                answer.get_or_insert_default().extend(said.iter().cloned());
                with_it.insert(owner.clone());
            }
        }
        // What the type has of other types may be a part of the answer.
        answer.map(|answer| answer.into_iter().chain(of.difference(&with_it).cloned()).collect())
    }

    pub(super) fn method_call(&mut self, call: &syn::ExprMethodCall) -> Names {
        let receiver = self.expression(&call.receiver);
        let name = call.method.to_string();
        if call.args.is_empty() && ends_with_client(&call.receiver) {
            self.deeds.operations.insert(name.clone());
        }
        // Not an operation, but what makes an address of one instead of making it.
        if name == "presigned" {
            self.deeds.operations.insert(name.clone());
        }
        if name == "index"
            && let Some(index) = call.args.first()
        {
            self.deeds.indexes.extend(text_of(index));
        }
        let answer = self.method(&receiver, &name);
        let mut given = Names::new();
        for argument in &call.args {
            given.extend(match argument {
                Expr::Closure(closure) => {
                    self.scopes.push(BTreeMap::new());
                    closure.inputs.iter().for_each(|input| self.pattern(input, &receiver));
                    let names = self.expression(&closure.body);
                    self.scopes.pop();
                    names
                }
                other => self.expression(other),
            });
        }
        match answer {
            Some(answer) => answer,
            None => {
                if ["push", "push_back", "insert", "extend", "spawn"].contains(&name.as_str()) {
                    self.assign(&call.receiver, &given);
                }
                receiver.into_iter().chain(given).collect()
            }
        }
    }

    pub(super) fn call(&mut self, call: &syn::ExprCall) -> Names {
        let given = self.all(&call.args);
        let Expr::Path(path) = &*call.func else {
            return self.expression(&call.func).into_iter().chain(given).collect();
        };
        let names = self.path(&path.path);
        let segments: Vec<String> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let [.., owner, _] = segments.as_slice()
            && let Some(made) = self.resolve(owner)
        {
            for setting in call.args.iter().flat_map(|argument| self.settings_of(argument)).collect::<Names>()
            {
                self.deeds.settings.insert((made.clone(), setting));
            }
        }
        let found = self.functions_named(&segments);
        if found.is_empty() { names.into_iter().chain(given).collect() } else { names }
    }
}

fn ends_with_client(expression: &Expr) -> bool {
    match expression {
        Expr::Field(field) => matches!(&field.member, syn::Member::Named(name) if name == "client"),
        Expr::Path(path) => path.path.is_ident("client"),
        _ => false,
    }
}

/// The text of a literal, or the name of a constant.
fn text_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        Expr::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}
