//! The session task's side: the whole task over the real engine, with the stores and queues in memory.

use super::Result;
use crate::world::{Task, World};
use carteiro_core::command::ShardCommand;
use carteiro_core::ids::SendId;
use carteiro_core::number::{Desired, LinkState, PairingMethod};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Clock, Sends};
use carteiro_core::send::{Send, Status, Text};
use carteiro_engine::{Engine, EngineConfig};
use carteiro_session::actor::Timing;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::{Instant, sleep};

/// How many sessions pair at the same time.
const AT_ONCE: usize = 8;
/// How long what pairing brings (keys, the address book) may take to come to rest.
const REST: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

/// Follows orders until there are no more.
pub(super) async fn run(
    websocket: &str,
    admin: &str,
    authority: &Path,
    first: u64,
    contact: u64,
) -> Result<()> {
    let engine = Engine::new(EngineConfig {
        endpoint: format!("simulator:{websocket}").parse()?,
        version: None,
        device_name: "Carteiro".into(),
        authority: Some(std::fs::read(authority)?),
    })?;
    let world = World::with_whatsapp(Arc::new(engine), Timing::default());
    let task = world.start();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut fleet =
        Fleet { world, task, http, admin: admin.to_owned(), first, contact, sessions: 0, sent: 0 };
    tell(&json!({"event": "ready"})).await?;
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        match order.split_once(' ') {
            Some(("connect", sessions)) => fleet.connect(sessions.parse()?).await?,
            Some(("send", each)) => fleet.send(each.parse()?).await?,
            Some(("restart", sessions)) => fleet = fleet.restart(sessions.parse()?).await?,
            _ => return Err(format!("an order that is none: {order}").into()),
        }
    }
    fleet.task.stop().await;
    Ok(())
}

async fn tell(event: &serde_json::Value) -> Result<()> {
    let mut stdout = tokio::io::stdout();
    stdout.write_all(format!("{event}\n").as_bytes()).await?;
    Ok(stdout.flush().await?)
}

struct Fleet {
    world: World,
    task: Task,
    http: reqwest::Client,
    admin: String,
    first: u64,
    contact: u64,
    sessions: usize,
    sent: u128,
}

/// The number that many places after another.
fn number(first: u64, place: usize) -> Result<Phone> {
    Ok((first + u64::try_from(place)?).to_string().parse()?)
}

impl Fleet {
    async fn connect(&mut self, sessions: usize) -> Result<()> {
        let mut waiting: VecDeque<Phone> =
            (self.sessions..sessions).map(|place| number(self.first, place)).collect::<Result<_>>()?;
        let mut pairing: Vec<(Phone, bool)> = Vec::new();
        while !waiting.is_empty() || !pairing.is_empty() {
            while pairing.len() < AT_ONCE
                && let Some(next) = waiting.pop_front()
            {
                self.world.want(&next, Desired::Connected(PairingMethod::Qr)).await;
                pairing.push((next, false));
            }
            for (number, scanned) in &mut pairing {
                let qr = self.world.links.peek(number).and_then(|link| link.qr);
                if let (Some(qr), false) = (qr, *scanned) {
                    let url = format!("{}/admin/mock-phone/scan-qr?number={}", self.admin, number.digits());
                    let body = qr.code.expose_secret().to_owned();
                    self.http.post(url).body(body).send().await?.error_for_status()?;
                    *scanned = true;
                }
            }
            pairing.retain(|(number, _)| self.world.link_state(number) != Some(LinkState::Connected));
            sleep(LOOK).await;
        }
        self.sessions = sessions;
        sleep(REST).await;
        let mut state_bytes = 0;
        for place in 0..sessions {
            state_bytes += self.world.states.size(&number(self.first, place)?).1;
        }
        tell(&json!({"event": "connected", "sessions": sessions, "state_bytes": state_bytes})).await
    }

    /// Ends the task as SIGTERM does, and starts another over the same stores, which has so many sessions to log in.
    async fn restart(self, sessions: usize) -> Result<Self> {
        let (_, before) = self.devices().await?;
        let begun = Instant::now();
        self.task.stop().await;
        let stopped = begun.elapsed();
        let begun = Instant::now();
        let fleet = Self { task: self.world.start(), ..self };
        loop {
            let (online, logins) = fleet.devices().await?;
            if online >= sessions && logins >= before + u64::try_from(sessions)? {
                break;
            }
            sleep(LOOK * 5).await;
        }
        let (stopped, took) = (stopped.as_secs_f64(), begun.elapsed().as_secs_f64());
        tell(&json!({"event": "restarted", "stopping": stopped, "starting": took})).await?;
        Ok(fleet)
    }

    /// How many of the devices that WhatsApp knows are logged in, and how often all of them were.
    async fn devices(&self) -> Result<(usize, u64)> {
        let answer = self.http.get(format!("{}/admin/devices", self.admin)).send().await?.text().await?;
        let answer: Value = serde_json::from_str(&answer)?;
        let devices = answer["devices"].as_array().ok_or("no devices are told")?;
        let online = devices.iter().filter(|device| device["online"] == true).count();
        Ok((online, devices.iter().filter_map(|device| device["logins"].as_u64()).sum()))
    }

    async fn send(&mut self, each: usize) -> Result<()> {
        let mut pending = Vec::with_capacity(each * self.sessions);
        for nth in 0..each {
            for place in 0..self.sessions {
                let (from, to) = (number(self.first, place)?, number(self.contact, place)?);
                self.sent += 1;
                let id = SendId::from_random((self.sent << 64 | self.sent).to_be_bytes());
                let (text, now) = (Text::parse(format!("texto {nth}"))?, self.world.clock.now());
                let send = Send::of_text(id, self.world.user, from.clone(), to, text, now);
                self.world.sends.create(&send, now).await?;
                let command = ShardCommand::Send { number: from.clone(), send_id: id };
                self.world.queues.push(self.world.shard(&from), command);
                pending.push(id);
            }
        }
        let messages = pending.len();
        while !pending.is_empty() {
            sleep(LOOK).await;
            // From the back, where the last ones are: most looks see one send.
            while let Some(last) = pending.last().map(|id| self.world.status(*id))
                && !last.is_pending()
            {
                if last == Status::Failed {
                    return Err("a text was refused".into());
                }
                pending.pop();
            }
        }
        tell(&json!({"event": "sent", "messages": messages})).await
    }
}
