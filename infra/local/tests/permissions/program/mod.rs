//! The Rust code of a binary, as far as it says which function calls which: its crates' types, traits and functions.

mod names;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use syn::{Attribute, FnArg, ImplItem, Item, Pat, TraitItem, Type};

/// Names of types and traits, of everything that a type is made of: `Arc<dyn Sends>` is `Sends`.
pub(crate) type Names = BTreeSet<String>;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    /// The crate.
    pub(crate) krate: String,
    /// The modules, from the crate's root.
    pub(crate) module: Vec<String>,
}

/// A function with a body.
pub(crate) struct Function {
    /// Where it stands.
    pub(crate) at: At,
    /// The type that it is a method of.
    pub(crate) owner: Option<String>,
    /// The trait that it is of.
    pub(crate) of_trait: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// Its arguments, without `self`.
    pub(crate) inputs: Vec<(Pat, Names)>,
    /// What it answers.
    pub(crate) output: Names,
    /// What it does.
    pub(crate) body: syn::Block,
}

/// What is known of a type or a trait.
#[derive(Default)]
pub(crate) struct Nominal {
    /// What its fields hold, or its variants' fields under the variants' names.
    pub(crate) fields: BTreeMap<String, Names>,
    /// Whether it is a trait.
    pub(crate) is_trait: bool,
    /// Traits of the workspace that a type has.
    pub(crate) traits: Names,
    /// What a trait's methods answer.
    pub(crate) answers: BTreeMap<String, Names>,
}

/// Everything that a binary is made of.
#[derive(Default)]
pub(crate) struct Program {
    /// Every function.
    pub(crate) functions: Vec<Function>,
    /// Every type and trait, by `crate::module::Name`.
    pub(crate) nominals: BTreeMap<String, Nominal>,
    /// Where a module has a name from.
    pub(crate) imports: BTreeMap<(At, String), Vec<String>>,
    /// The places of functions, by their names.
    pub(crate) by_name: BTreeMap<String, Vec<usize>>,
    /// The crates that others use.
    libraries: BTreeSet<String>,
    /// The types and traits that other crates may use, by their names without the crate.
    known: BTreeMap<String, Vec<(At, String)>>,
    /// Every module.
    modules: BTreeSet<At>,
    /// What was read and is not understood yet.
    files: Vec<(At, Vec<Item>)>,
    /// What stands for other types.
    aliases: BTreeMap<(String, String), Names>,
}

/// The names of one scope that stand for what they are bound by.
type Bounds = BTreeMap<String, Names>;

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            !condition.starts_with("not")
                && (condition.contains("test") || condition.contains("\"simulator\""))
        }
        _ => false,
    })
}

impl Program {
    /// Reads a crate from its root file, `src/lib.rs` or `src/main.rs`.
    pub(crate) fn read(&mut self, krate: &str, root: &Path) {
        if root.ends_with("lib.rs") {
            self.libraries.insert(krate.to_owned());
        }
        self.load(krate, Vec::new(), root, root.parent().unwrap());
    }

    fn load(&mut self, krate: &str, module: Vec<String>, file: &Path, folder: &Path) {
        let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.keep(krate, module, folder, parsed.items);
    }

    fn keep(&mut self, krate: &str, module: Vec<String>, folder: &Path, items: Vec<Item>) {
        let mut here = Vec::new();
        for item in items {
            let Item::Mod(inner) = item else {
                here.push(item);
                continue;
            };
            if is_for_tests(&inner.attrs) {
                continue;
            }
            let name = inner.ident.to_string();
            let path: Vec<String> = module.iter().chain([&name]).cloned().collect();
            let below = folder.join(&name);
            let beside = folder.join(format!("{name}.rs"));
            match inner.content {
                Some((_, items)) => self.keep(krate, path, &below, items),
                None if beside.exists() => self.load(krate, path, &beside, &below),
                None => self.load(krate, path, &below.join("mod.rs"), &below),
            }
        }
        self.files.push((At { krate: krate.to_owned(), module }, here));
    }

    /// Understands what was read: first the names of all types, then what they are made of, then what functions do.
    pub(crate) fn understand(&mut self) {
        let files = std::mem::take(&mut self.files);
        self.modules = files.iter().map(|(at, _)| at.clone()).collect();
        for (at, items) in &files {
            for item in items {
                let (name, is_trait) = match item {
                    Item::Struct(item) => (&item.ident, false),
                    Item::Enum(item) => (&item.ident, false),
                    Item::Trait(item) => (&item.ident, true),
                    Item::Use(item) if !is_for_tests(&item.attrs) => {
                        self.import(at, &mut Vec::new(), &item.tree);
                        continue;
                    }
                    _ => continue,
                };
                let key = at.name_of(&name.to_string());
                self.nominals.entry(key.clone()).or_default().is_trait |= is_trait;
                self.known.entry(name.to_string()).or_default().push((at.clone(), key));
            }
        }
        for (at, items) in &files {
            for item in items {
                if let Item::Type(item) = item {
                    let names = self.names(at, None, &Bounds::new(), &item.ty);
                    self.aliases.insert((at.krate.clone(), item.ident.to_string()), names);
                }
            }
        }
        for (at, items) in files {
            for item in items {
                self.item(&at, item);
            }
        }
    }

    fn item(&mut self, at: &At, item: Item) {
        match item {
            Item::Struct(item) => {
                let bounds = self.bounds(at, None, &item.generics);
                let fields = item.fields.iter().enumerate().map(|(n, field)| {
                    let name = field.ident.as_ref().map_or_else(|| n.to_string(), ToString::to_string);
                    (name, self.names(at, None, &bounds, &field.ty))
                });
                let fields: BTreeMap<_, _> = fields.collect();
                self.nominals.entry(at.name_of(&item.ident.to_string())).or_default().fields.extend(fields);
            }
            Item::Enum(item) => {
                let mut fields = BTreeMap::new();
                for variant in &item.variants {
                    let of = variant.fields.iter().flat_map(|f| self.names(at, None, &Bounds::new(), &f.ty));
                    fields.insert(variant.ident.to_string(), of.collect());
                }
                self.nominals.entry(at.name_of(&item.ident.to_string())).or_default().fields.extend(fields);
            }
            Item::Fn(item) if !is_for_tests(&item.attrs) => {
                self.function(at, (None, None), &Bounds::new(), item.sig, *item.block);
            }
            Item::Trait(item) => {
                let name = at.name_of(&item.ident.to_string());
                let bounds = self.bounds(at, Some(&name), &item.generics);
                for part in item.items {
                    let TraitItem::Fn(method) = part else { continue };
                    let output = self.output(at, Some(&name), &bounds, &method.sig.output);
                    let answers = &mut self.nominals.entry(name.clone()).or_default().answers;
                    answers.insert(method.sig.ident.to_string(), output);
                    if let Some(body) = method.default {
                        let of = (Some(name.clone()), Some(name.clone()));
                        self.function(at, of, &bounds, method.sig, body);
                    }
                }
            }
            Item::Impl(item) if !is_for_tests(&item.attrs) => {
                let bounds = self.bounds(at, None, &item.generics);
                let Some(owner) = outermost(&item.self_ty) else { return };
                let owner = self.resolve(at, &owner).unwrap_or(at.name_of(&owner));
                let of_trait = item.trait_.as_ref().map(|(_, path, _)| {
                    let name = path.segments.last().unwrap().ident.to_string();
                    self.resolve(at, &name).unwrap_or(name)
                });
                if let Some(of_trait) = &of_trait {
                    self.nominals.entry(owner.clone()).or_default().traits.insert(of_trait.clone());
                }
                for part in item.items {
                    let ImplItem::Fn(method) = part else { continue };
                    if !is_for_tests(&method.attrs) {
                        let of = (Some(owner.clone()), of_trait.clone());
                        self.function(at, of, &bounds, method.sig, method.block);
                    }
                }
            }
            _ => {}
        }
    }

    fn function(
        &mut self,
        at: &At,
        (owner, of_trait): (Option<String>, Option<String>),
        outer: &Bounds,
        signature: syn::Signature,
        body: syn::Block,
    ) {
        let mut bounds = outer.clone();
        bounds.extend(self.bounds(at, owner.as_deref(), &signature.generics));
        let output = self.output(at, owner.as_deref(), &bounds, &signature.output);
        let inputs = signature.inputs.into_iter().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some((*typed.pat, self.names(at, owner.as_deref(), &bounds, &typed.ty))),
        });
        let inputs = inputs.collect();
        self.by_name.entry(signature.ident.to_string()).or_default().push(self.functions.len());
        self.functions.push(Function {
            at: at.clone(),
            owner,
            of_trait,
            name: signature.ident.to_string(),
            inputs,
            output,
            body,
        });
    }
}

impl At {
    /// The whole name of what stands here.
    fn name_of(&self, name: &str) -> String {
        [&self.krate]
            .into_iter()
            .chain(&self.module)
            .map(String::as_str)
            .chain([name])
            .collect::<Vec<_>>()
            .join("::")
    }
}

/// The name of a type, references and pointers to it left aside.
fn outermost(of: &Type) -> Option<String> {
    match of {
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
                && ["Arc", "Box"].contains(&last.ident.to_string().as_str())
            {
                return arguments.args.iter().find_map(|argument| match argument {
                    syn::GenericArgument::Type(of) => outermost(of),
                    _ => None,
                });
            }
            Some(last.ident.to_string())
        }
        Type::Reference(inner) => outermost(&inner.elem),
        _ => None,
    }
}
