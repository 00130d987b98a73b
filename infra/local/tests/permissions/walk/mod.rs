//! What one function does: which others it calls, which types it makes, what it asks of AWS. Types are guessed from what values
//! are made of, so a call may be taken for more than it is, but not for less.

mod calls;
mod macros;
mod patterns;
mod settings;

use super::program::{Function, Names, Program};
use std::collections::{BTreeMap, BTreeSet};
use syn::{Block, Expr, Stmt};

/// What a function does.
#[derive(Default, Debug)]
pub(crate) struct Deeds {
    /// Functions that it calls or names, by their place in the program.
    pub(crate) calls: BTreeSet<usize>,
    /// Methods of traits that it calls: the trait and the method.
    pub(crate) asks: BTreeSet<(String, String)>,
    /// Types that it makes values of.
    pub(crate) makes: Names,
    /// Operations of the SDK's clients.
    pub(crate) operations: BTreeSet<String>,
    /// Texts that it names an index by.
    pub(crate) indexes: BTreeSet<String>,
    /// Settings by which it makes a type: `DynamoSends` of `CARTEIRO_SENDS_TABLE`.
    pub(crate) settings: BTreeSet<(String, String)>,
    /// Settings that it gives to fields of a struct.
    pub(crate) named: BTreeSet<(String, String)>,
}

/// Which branches a function's routes leave: of `self.has(|access| matches!(access, Access::Operator))`.
pub(crate) type Knows<'a> = dyn Fn(&str) -> bool + 'a;

/// Everything that is known while a function is walked.
pub(crate) struct Walk<'a> {
    program: &'a Program,
    function: &'a Function,
    routes: &'a Knows<'a>,
    /// Settings that names stand for, of variables and of fields.
    named: &'a BTreeMap<String, Names>,
    scopes: Vec<BTreeMap<String, Names>>,
    local_settings: BTreeMap<String, Names>,
    deeds: Deeds,
}

/// Walks a function.
pub(crate) fn deeds(
    program: &Program,
    function: &Function,
    routes: &Knows<'_>,
    named: &BTreeMap<String, Names>,
) -> Deeds {
    let mut walk = Walk {
        program,
        function,
        routes,
        named,
        scopes: vec![BTreeMap::new()],
        local_settings: BTreeMap::new(),
        deeds: Deeds::default(),
    };
    if let Some(owner) = &function.owner {
        walk.bind("self", [owner.clone()].into());
    }
    for (pattern, names) in &function.inputs {
        walk.pattern(pattern, names);
        // What an extractor of the web framework does is done before the handler begins.
        for name in names {
            walk.method(&[name.clone()].into(), "from_request");
            walk.method(&[name.clone()].into(), "from_request_parts");
        }
    }
    walk.block(&function.body);
    walk.deeds
}

impl Walk<'_> {
    fn bind(&mut self, name: &str, names: Names) {
        self.scopes.last_mut().unwrap().insert(name.to_owned(), names);
    }

    fn variable(&self, name: &str) -> Option<&Names> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn resolve(&self, name: &str) -> Option<String> {
        match (name, &self.function.owner) {
            ("Self", Some(owner)) => Some(owner.clone()),
            _ => self.program.resolve(&self.function.at, name),
        }
    }

    fn block(&mut self, block: &Block) -> Names {
        self.scopes.push(BTreeMap::new());
        let names = self.statements(&block.stmts);
        self.scopes.pop();
        names
    }

    fn statements(&mut self, statements: &[Stmt]) -> Names {
        let mut last = Names::new();
        for statement in statements {
            last = match statement {
                Stmt::Local(local) => {
                    let mut names = Names::new();
                    if let Some(init) = &local.init {
                        names = self.expression(&init.expr);
                        self.note_settings(&local.pat, &init.expr);
                        if let Some((_, otherwise)) = &init.diverge {
                            self.expression(otherwise);
                        }
                    }
                    self.pattern(&local.pat, &names);
                    Names::new()
                }
                Stmt::Expr(expression, _) => self.expression(expression),
                Stmt::Macro(of) => self.macro_(&of.mac),
                Stmt::Item(_) => Names::new(),
            };
        }
        last
    }

    fn all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) -> Names {
        expressions.into_iter().flat_map(|expression| self.expression(expression)).collect()
    }

    /// Walks an expression; answers what its value may be made of.
    fn expression(&mut self, expression: &Expr) -> Names {
        match expression {
            Expr::Path(path) => self.path(&path.path),
            Expr::Field(field) => {
                let base = self.expression(&field.base);
                let member = match &field.member {
                    syn::Member::Named(name) => name.to_string(),
                    syn::Member::Unnamed(index) => index.index.to_string(),
                };
                let fields =
                    base.iter().filter_map(|name| self.program.nominals.get(name)?.fields.get(&member));
                let fields: Vec<&Names> = fields.collect();
                if fields.is_empty() { base } else { fields.into_iter().flatten().cloned().collect() }
            }
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Call(call) => self.call(call),
            Expr::Struct(of) => {
                let names = of
                    .path
                    .segments
                    .iter()
                    .filter_map(|part| self.resolve(&part.ident.to_string()))
                    .collect();
                self.make(&names);
                for field in &of.fields {
                    self.expression(&field.expr);
                    let syn::Member::Named(name) = &field.member else { continue };
                    for setting in self.settings_of(&field.expr) {
                        self.deeds.named.insert((name.to_string(), setting));
                    }
                }
                of.rest.iter().for_each(|rest| drop(self.expression(rest)));
                names
            }
            Expr::Closure(closure) => {
                self.scopes.push(BTreeMap::new());
                for input in &closure.inputs {
                    self.pattern(input, &Names::new());
                }
                let names = self.expression(&closure.body);
                self.scopes.pop();
                names
            }
            Expr::Async(inner) => self.block(&inner.block),
            Expr::Await(inner) => self.expression(&inner.base),
            Expr::Try(inner) => self.expression(&inner.expr),
            Expr::Reference(inner) => self.expression(&inner.expr),
            Expr::Paren(inner) => self.expression(&inner.expr),
            Expr::Group(inner) => self.expression(&inner.expr),
            Expr::Unary(inner) => self.expression(&inner.expr),
            Expr::Cast(inner) => self.expression(&inner.expr),
            Expr::Block(inner) => self.block(&inner.block),
            Expr::Unsafe(inner) => self.block(&inner.block),
            Expr::If(of) => self.branch(of),
            Expr::Match(of) => {
                let value = self.expression(&of.expr);
                let mut names = Names::new();
                for arm in &of.arms {
                    self.scopes.push(BTreeMap::new());
                    self.pattern(&arm.pat, &value);
                    arm.guard.iter().for_each(|(_, guard)| drop(self.expression(guard)));
                    names.extend(self.expression(&arm.body));
                    self.scopes.pop();
                }
                names
            }
            Expr::Let(of) => {
                let value = self.expression(&of.expr);
                self.pattern(&of.pat, &value);
                Names::new()
            }
            Expr::While(of) => {
                self.scopes.push(BTreeMap::new());
                self.expression(&of.cond);
                self.block(&of.body);
                self.scopes.pop();
                Names::new()
            }
            Expr::ForLoop(of) => {
                let value = self.expression(&of.expr);
                self.scopes.push(BTreeMap::new());
                self.pattern(&of.pat, &value);
                self.block(&of.body);
                self.scopes.pop();
                Names::new()
            }
            Expr::Loop(of) => self.block(&of.body),
            Expr::Break(of) => of.expr.iter().flat_map(|e| self.expression(e)).collect(),
            Expr::Return(of) => of.expr.iter().flat_map(|e| self.expression(e)).collect(),
            Expr::Assign(of) => {
                let value = self.expression(&of.right);
                self.assign(&of.left, &value);
                Names::new()
            }
            Expr::Binary(of) => {
                self.all([&*of.left, &*of.right]);
                Names::new()
            }
            Expr::Index(of) => {
                self.expression(&of.index);
                self.expression(&of.expr)
            }
            Expr::Range(of) => self.all(of.start.iter().chain(&of.end).map(|e| &**e)),
            Expr::Tuple(of) => self.all(&of.elems),
            Expr::Array(of) => self.all(&of.elems),
            Expr::Repeat(of) => self.expression(&of.expr),
            Expr::Macro(of) => self.macro_(&of.mac),
            _ => Names::new(),
        }
    }

    fn branch(&mut self, of: &syn::ExprIf) -> Names {
        // The one condition that is judged here: a function has no use for what only other functions' routes need.
        let condition = tokens(&of.cond);
        let never = ["Tenant", "Operator"].iter().any(|access| {
            condition.contains("self.has(")
                && condition.contains(&format!("Access::{access}"))
                && !(self.routes)(access)
        });
        let mut names = Names::new();
        self.scopes.push(BTreeMap::new());
        self.expression(&of.cond);
        if !never {
            names.extend(self.block(&of.then_branch));
        }
        self.scopes.pop();
        if let Some((_, otherwise)) = &of.else_branch {
            names.extend(self.expression(otherwise));
        }
        names
    }

    fn make(&mut self, names: &Names) {
        let types = names.iter().filter(|name| self.program.nominals.get(*name).is_some_and(|n| !n.is_trait));
        let types: Vec<String> = types.cloned().collect();
        self.deeds.makes.extend(types);
    }
}

fn tokens(expression: &Expr) -> String {
    // Without `printing` of syn, what it would print is read from what the parts are.
    match expression {
        Expr::MethodCall(call) => {
            let arguments: Vec<String> = call.args.iter().map(tokens).collect();
            format!("{}.{}({})", tokens(&call.receiver), call.method, arguments.join(","))
        }
        Expr::Path(path) => {
            path.path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::")
        }
        Expr::Closure(closure) => tokens(&closure.body),
        Expr::Macro(of) => of.mac.tokens.to_string().replace(' ', ""),
        _ => String::new(),
    }
}
