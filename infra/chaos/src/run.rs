//! One run, from a fresh system to its report.

use crate::api::Api;
use crate::draw::Draw;
use crate::heard::{Heard, PATH};
use crate::lane::Lane;
use crate::report::Report;
use crate::settled::{self, Fate};
use crate::strike::Strikes;
use crate::told;
use crate::verdict;
use carteiro_local::{Error, Options, Receiver, System};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How many numbers a tenant of the plan with everything may have.
const OF_TENANT: usize = 10;
/// How often what is due is looked for.
const TICK: Duration = Duration::from_millis(100);

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Decides the faults.
    pub seed: u64,
    /// How many of them there are: one of each kind first, then any.
    pub faults: u32,
    /// How many numbers send and receive.
    pub numbers: usize,
    /// How many session tasks there are.
    pub tasks: usize,
    /// About how long after one fault the next one comes: from half of it to one and a half.
    pub pace: Duration,
    /// How long a fault lasts at most; a task may stand still for twice as long.
    pub spell: Duration,
    /// How often each number sends; it receives half as often.
    pub every: Duration,
    /// How long everything may take to settle once nothing goes wrong any more.
    pub patience: Duration,
    /// Where the system keeps its state and logs; it is emptied first.
    pub directory: PathBuf,
    /// Whether to say what goes on.
    pub progress: carteiro_local::Progress,
}

/// Carries it out.
///
/// # Errors
/// When the system cannot be started, or falls apart in a way that is no fault of the fleet's.
pub async fn run(plan: &Plan) -> Result<Report, Error> {
    let options = Options {
        fresh: true,
        progress: plan.progress,
        tasks: plan.tasks,
        linked: true,
        trouble: Some(plan.seed),
        ..Options::quiet(&plan.directory)
    };
    let system = System::start(options).await?;
    let report = on(&system, plan).await;
    system.stop().await;
    report
}

async fn on(system: &System, plan: &Plan) -> Result<Report, Error> {
    let api = Api::of(system);
    let receiver = system.receiver().ok_or_else(|| Error::new("a chaos run needs the simulator"))?;
    let lanes = lanes(&api, receiver, plan.numbers).await?;
    let before = verdict::devices(&api, &lanes).await?;
    let mut heard = Heard::new();
    heard.listen(receiver);
    heard.begin();

    let (stop, over) = watch::channel(false);
    let mut load = JoinSet::new();
    for lane in &lanes {
        let (lane, api, over, every) = (Arc::clone(lane), api.clone(), over.clone(), plan.every);
        load.spawn(async move { lane.run(&api, every, over).await });
    }
    let begun = Instant::now();
    let counts = strike(system, &api, &lanes, receiver, &mut heard, plan).await?;
    let struck = begun.elapsed();
    let _ = stop.send(true);
    while load.join_next().await.is_some() {}
    let mut fates = BTreeMap::new();
    let awaited = settle(&api, &lanes, receiver, &mut heard, &mut fates, plan.patience).await;

    let mut report = Report {
        seed: plan.seed,
        faults: counts,
        troubled: system.trouble().map_or(0, carteiro_local::Trouble::count),
        numbers: lanes.len(),
        events: heard.events(),
        requests: heard.requests,
        times: (struck, begun.elapsed().saturating_sub(struck)),
        violations: awaited.into_iter().map(|what| format!("not settled in time: {what}")).collect(),
        ..Report::default()
    };
    for lane in &lanes {
        verdict::of_lane(&api, lane, &fates, &heard, &mut report).await?;
    }
    verdict::of_refusals(&mut report);
    let stored = system.trouble().map(carteiro_local::Trouble::stored_events).unwrap_or_default();
    for token in tokens(&lanes) {
        told::of_tenant(&api, token, &heard, &stored, &mut report).await?;
    }
    let after = verdict::devices(&api, &lanes).await?;
    verdict::of_devices(&api, &before, &after, system.fleet(), &mut report).await?;
    Ok(report)
}

/// The tenants with their webhooks, and their numbers, paired.
async fn lanes(api: &Api, receiver: &Receiver, numbers: usize) -> Result<Vec<Arc<Lane>>, Error> {
    let mut lanes = Vec::new();
    let mut token = String::new();
    for index in 0..numbers {
        if index % OF_TENANT == 0 {
            let tenant = index / OF_TENANT;
            let login = format!("caos-{tenant}@exemplo.com.br");
            token = api.tenant(&login, &format!("55119999{tenant:05}")).await?;
            // Of all kinds.
            let webhook = json!({"url": receiver.url(PATH)});
            api.insist("PUT", "/v2/webhooks", &token, Some(&webhook)).await;
        }
        lanes.push(Arc::new(Lane::pair(api, index, &token).await?));
    }
    Ok(lanes)
}

/// The tenants, by their tokens.
fn tokens(lanes: &[Arc<Lane>]) -> BTreeSet<&str> {
    lanes.iter().map(|lane| lane.token.as_str()).collect()
}

/// One fault after the other, each ended in its time.
async fn strike(
    system: &System,
    api: &Api,
    lanes: &[Arc<Lane>],
    receiver: &Receiver,
    heard: &mut Heard,
    plan: &Plan,
) -> Result<BTreeMap<&'static str, u32>, Error> {
    let mut draw = Draw::new(plan.seed, plan.tasks, lanes.len(), plan.spell);
    let mut strikes = Strikes::new(system, api, lanes);
    let mut left = plan.faults;
    let mut next = Instant::now();
    while left > 0 {
        if Instant::now() >= next && strikes.strike(draw.fault()).await? {
            draw.struck();
            left -= 1;
            next = Instant::now() + draw.pause(plan.pace);
        }
        strikes.mend(false).await?;
        heard.take_turns(receiver);
        heard.listen(receiver);
        tokio::time::sleep(TICK).await;
    }
    tokio::time::sleep(plan.pace).await;
    strikes.mend(true).await?;
    heard.recover(receiver);
    Ok(strikes.counts)
}

/// Waits until all that was begun is done; what is not by the end of `patience`, in words.
async fn settle(
    api: &Api,
    lanes: &[Arc<Lane>],
    receiver: &Receiver,
    heard: &mut Heard,
    fates: &mut BTreeMap<String, Fate>,
    patience: Duration,
) -> Vec<String> {
    let deadline = Instant::now() + patience;
    loop {
        for lane in lanes {
            settled::look(api, lane, fates).await;
        }
        let mut waiting = Vec::new();
        for token in tokens(lanes) {
            if told::are_waiting(api, token).await {
                waiting.push("a tenant's events were not all taken".to_owned());
            }
        }
        heard.listen(receiver);
        let mut awaited: Vec<String> =
            lanes.iter().filter_map(|lane| settled::awaited(lane, fates, heard)).collect();
        awaited.append(&mut waiting);
        if awaited.is_empty() || Instant::now() >= deadline {
            return awaited;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
