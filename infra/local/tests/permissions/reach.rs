//! What a binary may ask of AWS: everything that can be reached from its `main`.

use super::effects::{Effects, effects};
use super::program::{Names, Program};
use super::walk::{Deeds, Knows, deeds};
use std::collections::{BTreeMap, BTreeSet};

const AWS: &str = "carteiro_aws";

/// What is asked of one thing that a setting names, such as `CARTEIRO_SENDS_TABLE`; the empty name is for what has none.
pub(crate) type Things = BTreeMap<String, Effects>;

/// What a binary asks.
#[derive(Debug, Default)]
pub(crate) struct Wants {
    /// Of each thing.
    pub(crate) of: Things,
    /// Of one or the other of several things of a kind, by an adapter that was made with all of them: which of them each effect is
    /// for is not known.
    pub(crate) of_some: Vec<(BTreeSet<String>, Effects)>,
}

/// The service that has what a setting names.
fn service_of(setting: &str) -> &'static str {
    let endings =
        [("_TABLE", "dynamodb:"), ("_BUCKET", "s3:"), ("_SECRET", "secretsmanager:"), ("_MAIL_FROM", "ses:")];
    let found = endings.iter().find(|(ending, _)| setting.ends_with(ending));
    found.map_or("sqs:", |(_, service)| service)
}

struct Reach<'a> {
    program: &'a Program,
    deeds: BTreeMap<usize, Deeds>,
    routes: &'a Knows<'a>,
    named: BTreeMap<String, Names>,
}

/// What the binary of that crate wants.
pub(crate) fn wants(program: &Program, krate: &str, routes: &Knows<'_>) -> Wants {
    let mut named = BTreeMap::<String, Names>::new();
    for function in program.functions.iter().filter(|f| f.at.krate == krate) {
        for (field, setting) in deeds(program, function, routes, &BTreeMap::new()).named {
            named.entry(field).or_default().insert(setting);
        }
    }
    let mut reach = Reach { program, deeds: BTreeMap::new(), routes, named };
    let main = program.named("main").find(|(_, f)| f.at.krate == krate && f.owner.is_none());
    let main = main.unwrap_or_else(|| panic!("{krate} has no main")).0;
    let reached = reach.from(main);
    reach.asked_of_adapters(&reached)
}

impl Reach<'_> {
    fn look(&mut self, place: usize) -> &Deeds {
        let (program, routes, named) = (self.program, self.routes, &self.named);
        self.deeds.entry(place).or_insert_with(|| deeds(program, &program.functions[place], routes, named))
    }

    /// Every function that may run. A trait's method is that of each type of which a value is made.
    fn from(&mut self, main: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let (mut asks, mut made) = (BTreeSet::new(), Names::new());
        let mut todo = vec![main];
        while !todo.is_empty() {
            while let Some(place) = todo.pop() {
                if reached.insert(place) {
                    let deeds = self.look(place);
                    todo.extend(&deeds.calls);
                    asks.extend(deeds.asks.iter().cloned());
                    made.extend(deeds.makes.iter().cloned());
                }
            }
            for (place, function) in self.program.functions.iter().enumerate() {
                let (Some(owner), Some(of_trait)) = (&function.owner, &function.of_trait) else { continue };
                let exists = made.contains(owner) || owner == of_trait;
                // The methods of a library's trait are called by the library.
                let called =
                    !of_trait.contains("::") || asks.contains(&(of_trait.clone(), function.name.clone()));
                if exists && called && !reached.contains(&place) {
                    todo.push(place);
                }
            }
        }
        reached
    }

    /// What the adapters among these ask, of the things that they were made with.
    fn asked_of_adapters(&mut self, reached: &BTreeSet<usize>) -> Wants {
        let mut things = BTreeMap::<String, Names>::new();
        for place in reached {
            for (made, setting) in &self.look(*place).settings {
                things.entry(made.clone()).or_default().insert(setting.clone());
            }
        }
        let mut asked = BTreeMap::<String, Effects>::new();
        for place in reached {
            let function = &self.program.functions[*place];
            let is_port = function.of_trait.as_ref().is_some_and(|name| name.starts_with("carteiro_core::"));
            if function.at.krate != AWS || !is_port {
                continue;
            }
            let owner = function.owner.clone().unwrap();
            let (effects, makes) = self.inside(*place);
            asked.entry(owner.clone()).or_default().take(effects);
            // What an adapter opens works with what it has itself.
            let of_owner = things.get(&owner).cloned().unwrap_or_default();
            for made in makes.iter().filter(|made| **made != owner) {
                things.entry(made.clone()).or_default().extend(of_owner.iter().cloned());
            }
        }
        let mut wants = Wants::default();
        for (adapter, effects) in asked.into_iter().filter(|(_, effects)| !effects.actions.is_empty()) {
            let all = things.remove(&adapter).unwrap_or_default();
            if all.is_empty() {
                wants.of.entry(String::new()).or_default().take(effects);
                continue;
            }
            let mut kinds = BTreeMap::<&str, BTreeSet<String>>::new();
            for thing in all {
                kinds.entry(service_of(&thing)).or_default().insert(thing);
            }
            for (service, mut of) in kinds {
                let effects = effects.of_service(service);
                match of.len() {
                    1 => wants.of.entry(of.pop_first().unwrap()).or_default().take(effects),
                    _ => wants.of_some.push((of, effects)),
                }
            }
        }
        wants.of.retain(|_, effects| !effects.actions.is_empty());
        wants
    }

    /// What a method of an adapter asks, and which types it makes, by all that it calls within the crate.
    fn inside(&mut self, place: usize) -> (Effects, Names) {
        let (mut all, mut makes, mut seen, mut todo) =
            (Effects::default(), Names::new(), BTreeSet::new(), vec![place]);
        while let Some(place) = todo.pop() {
            let function = &self.program.functions[place];
            if function.at.krate != AWS || !seen.insert(place) {
                continue;
            }
            let deeds = self.look(place);
            let Some(effects) = effects(function, deeds) else { continue };
            all.take(effects);
            makes.extend(deeds.makes.iter().cloned());
            todo.extend(&deeds.calls);
        }
        (all, makes)
    }
}
