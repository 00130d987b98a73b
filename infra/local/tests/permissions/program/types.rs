//! What types are made of.

use super::{At, Bounds, Names, Program, outermost};
use syn::punctuated::Punctuated;
use syn::{Generics, ReturnType, Type, TypeParamBound};

impl Program {
    pub(super) fn bounds(&self, at: &At, owner: Option<&str>, generics: &Generics) -> Bounds {
        let mut all = Bounds::new();
        for parameter in generics.type_params() {
            let names = self.bound_names(at, owner, &all, &parameter.bounds);
            all.insert(parameter.ident.to_string(), names);
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let syn::WherePredicate::Type(predicate) = predicate
                && let Some(name) = outermost(&predicate.bounded_ty)
            {
                let names = self.bound_names(at, owner, &all, &predicate.bounds);
                all.entry(name).or_default().extend(names);
            }
        }
        all
    }

    pub(super) fn bound_names<P>(
        &self,
        at: &At,
        owner: Option<&str>,
        known: &Bounds,
        bounds: &Punctuated<TypeParamBound, P>,
    ) -> Names {
        let mut names = Names::new();
        for bound in bounds {
            if let TypeParamBound::Trait(bound) = bound {
                self.path_names(at, owner, known, &bound.path, &mut names);
            }
        }
        names
    }

    pub(super) fn output(&self, at: &At, owner: Option<&str>, bounds: &Bounds, output: &ReturnType) -> Names {
        match output {
            ReturnType::Default => Names::new(),
            ReturnType::Type(_, of) => self.names(at, owner, bounds, of),
        }
    }

    /// The names that a type is made of.
    pub(crate) fn names(&self, at: &At, owner: Option<&str>, bounds: &Bounds, of: &Type) -> Names {
        let mut names = Names::new();
        self.gather(at, owner, bounds, of, &mut names);
        names
    }

    pub(super) fn gather(&self, at: &At, owner: Option<&str>, bounds: &Bounds, of: &Type, names: &mut Names) {
        match of {
            Type::Path(path) => self.path_names(at, owner, bounds, &path.path, names),
            Type::Reference(inner) => self.gather(at, owner, bounds, &inner.elem, names),
            Type::Paren(inner) => self.gather(at, owner, bounds, &inner.elem, names),
            Type::Group(inner) => self.gather(at, owner, bounds, &inner.elem, names),
            Type::Slice(inner) => self.gather(at, owner, bounds, &inner.elem, names),
            Type::Array(inner) => self.gather(at, owner, bounds, &inner.elem, names),
            Type::Tuple(inner) => inner.elems.iter().for_each(|t| self.gather(at, owner, bounds, t, names)),
            Type::TraitObject(inner) => names.extend(self.bound_names(at, owner, bounds, &inner.bounds)),
            Type::ImplTrait(inner) => names.extend(self.bound_names(at, owner, bounds, &inner.bounds)),
            Type::BareFn(inner) => names.extend(self.output(at, owner, bounds, &inner.output)),
            _ => {}
        }
    }

    pub(super) fn path_names(
        &self,
        at: &At,
        owner: Option<&str>,
        bounds: &Bounds,
        path: &syn::Path,
        names: &mut Names,
    ) {
        let Some(last) = path.segments.last() else { return };
        let name = last.ident.to_string();
        match (name.as_str(), owner) {
            ("Self", Some(owner)) => drop(names.insert(owner.to_owned())),
            _ => match bounds.get(&name) {
                Some(bound) => names.extend(bound.iter().cloned()),
                None => match self.aliases.get(&(at.krate.clone(), name.clone())) {
                    Some(alias) => names.extend(alias.iter().cloned()),
                    None => names.extend(self.resolve(at, &name)),
                },
            },
        }
        for segment in &path.segments {
            match &segment.arguments {
                syn::PathArguments::AngleBracketed(arguments) => {
                    for argument in &arguments.args {
                        match argument {
                            syn::GenericArgument::Type(of) => self.gather(at, owner, bounds, of, names),
                            syn::GenericArgument::AssocType(of) => {
                                self.gather(at, owner, bounds, &of.ty, names)
                            }
                            _ => {}
                        }
                    }
                }
                syn::PathArguments::Parenthesized(arguments) => {
                    arguments.inputs.iter().for_each(|of| self.gather(at, owner, bounds, of, names));
                    names.extend(self.output(at, owner, bounds, &arguments.output));
                }
                syn::PathArguments::None => {}
            }
        }
    }
}
