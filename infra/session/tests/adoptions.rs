//! Numbers take over the devices that pairings linked; their sessions' events are told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod world;

use carteiro_core::ids::PairingId;
use carteiro_core::number::{Desired, LinkState, NumberChange, OwnedNumber, Role};
use carteiro_core::ports::Numbers;
use carteiro_core::session::{PairingState, SessionName};
use carteiro_core::webhook::EventKind;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, sender, session};

impl World {
    async fn scanned(&self, name: &SessionName) -> PairingId {
        let pairing = self.authenticate(name).await;
        self.until_pairing(pairing, PairingState::Waiting).await;
        self.whatsapp.scan_pairing(pairing, &sender()).await;
        self.until_pairing(pairing, PairingState::Paired(sender())).await;
        pairing
    }

    /// The number is connected with the device of that pairing, and WhatsApp knows no other of ours.
    async fn until_connected_with(&self, pairing: PairingId) {
        self.until("the device is adopted", |world| world.links.peek(&sender()).unwrap().adopts.is_none())
            .await;
        self.until_state(LinkState::Connected).await;
        let devices = self.whatsapp.server().devices.clone();
        assert_eq!(devices.len(), 1);
        let token = String::from_utf8(devices.into_iter().next().unwrap()).unwrap();
        assert!(token.starts_with(&pairing.to_string()), "{token}");
        assert!(!self.whatsapp.server().paired.contains(&sender()));
    }

    /// What events told, as `sessao`, `tipo` and what the message or the QR says.
    fn told(&self) -> Vec<(String, &'static str, String)> {
        let said = |json: &serde_json::Value| {
            ["message", "qrCode"].iter().find_map(|key| json[*key].as_str()).unwrap_or_default().to_owned()
        };
        let events = self.events.published().into_iter();
        events
            .map(|(user, event)| {
                assert_eq!(user, self.user);
                (event.origin.shown().to_owned(), event.kind.as_str(), said(&event.json))
            })
            .collect()
    }

    fn told_of(&self, origin: &str) -> Vec<String> {
        let own = self.told().into_iter().filter(|(from, _, _)| from == origin);
        own.map(|(_, kind, said)| if kind == "statusMudou" { said } else { kind.to_owned() }).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_workers_older_device_is_logged_out_for_the_new_one() {
    let world = World::new();
    let worker = OwnedNumber { phone: sender(), role: Role::Worker };
    let add = NumberChange::Add(worker, world.shard(&sender()));
    world.numbers.apply(world.user, &[add], 1).await.unwrap();
    let task = world.start();
    world.whatsapp.server().paired.insert(sender());
    world.want(&sender(), Desired::Connected(carteiro_core::number::PairingMethod::Qr)).await;
    world.until_state(LinkState::Connected).await;
    // What is told of a device that is paired is stored with the link.
    let lid = "1@lid".parse().unwrap();
    let paired = carteiro_engine::SessionEvent::Paired { number: sender(), lid, push_name: None };
    world.whatsapp.tell(&sender(), paired);
    world.until("a device", |world| world.links.peek(&sender()).unwrap().jid.is_some()).await;

    let pairing = world.scanned(&session()).await;
    world.until_connected_with(pairing).await;
    assert_eq!(world.whatsapp.server().logouts, 1);
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn of_two_sessions_of_one_phone_the_last_has_it() {
    let world = World::new();
    let other: SessionName = "outra".parse().unwrap();
    let task = world.start();
    let first = world.scanned(&session()).await;
    world.until_connected_with(first).await;
    let second = world.scanned(&other).await;
    world.until_connected_with(second).await;
    assert_eq!((world.number_of(&session()), world.number_of(&other)), (None, Some(sender())));
    // And back again.
    let third = world.scanned(&session()).await;
    world.until_connected_with(third).await;
    assert_eq!((world.number_of(&session()), world.number_of(&other)), (Some(sender()), None));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn killed_while_a_device_replaces_another_one_stays() {
    // Before the older device is logged out; before the report of that; before the new one's state is here; before it is told.
    for operation in ["find", "report", "", "adopted"] {
        let world = World::new();
        let task = world.start();
        let first = world.scanned(&session()).await;
        world.until_connected_with(first).await;
        let second = world.authenticate(&session()).await;
        world.until_pairing(second, PairingState::Waiting).await;
        match operation {
            "" => world.states.set_unavailable(&sender(), true),
            operation => world.links.switch.fail_in(operation),
        }
        world.whatsapp.scan_pairing(second, &sender()).await;
        world.until_pairing(second, PairingState::Paired(sender())).await;
        sleep(Duration::from_secs(4)).await;
        task.kill().await;
        world.states.set_unavailable(&sender(), false);
        world.links.switch.recover();
        let task = world.start();
        world.until_connected_with(second).await;
        task.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_removed_leaves_its_session_unpaired() {
    let world = World::new();
    let task = world.start();
    let pairing = world.scanned(&session()).await;
    world.until_connected_with(pairing).await;
    world.want(&sender(), Desired::Removed).await;
    world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
    assert_eq!(world.number_of(&session()), None);
    assert!(world.whatsapp.server().devices.is_empty());
    let gone = || world.events.of_kind(EventKind::NumberStatus);
    world.until("the log-out is told", |_| gone().len() == 1).await;
    assert_eq!(gone()[0].origin.shown(), session().as_str());
    assert_eq!(gone()[0].json, serde_json::json!({"message": "deletado"}));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_removed_before_it_adopts_is_logged_out() {
    let world = World::new();
    let task = world.start();
    let pairing = world.authenticate(&session()).await;
    world.until_pairing(pairing, PairingState::Waiting).await;
    world.states.set_unavailable(&sender(), true);
    world.whatsapp.scan_pairing(pairing, &sender()).await;
    world.until_pairing(pairing, PairingState::Paired(sender())).await;
    world.want(&sender(), Desired::Removed).await;
    sleep(Duration::from_secs(2)).await;
    world.states.set_unavailable(&sender(), false);
    world.until("the link is gone", |world| world.link_state(&sender()).is_none()).await;
    assert!(world.whatsapp.server().devices.is_empty());
    assert_eq!((world.states.size(&sender()).0, world.states.size_of(&pairing.into()).0), (0, 0));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_told_in_order_under_the_sessions_name() {
    let world = World::new();
    let task = world.start();
    let pairing = world.scanned(&session()).await;
    world.until_connected_with(pairing).await;
    world
        .until("it is told", |world| world.told_of(session().as_str()).iter().any(|said| said == "inChat"))
        .await;
    world.whatsapp.server().devices.clear();
    world.whatsapp.unlink(&sender());
    world
        .until("the log-out is told", |world| world.events.of_kind(EventKind::NumberStatus).len() == 1)
        .await;
    let told = world.told_of(session().as_str());
    assert_eq!(
        told,
        [
            "notLogged",
            "UNPAIRED",
            "qrcode",
            "qrReadSuccess",
            "PAIRING", // the pairing
            "isLogged",
            "TIMEOUT",
            "CONNECTED",
            "inChat",
            "ativandoSincronizacao", // the number
            "disconnectedMobile",
            "deleteToken",
            "UNPAIRED",
            "AlterarStatusNumero",
        ]
    );
    assert_eq!(world.told().len(), told.len(), "nothing is told under another name");
    let me = &world.events.of_kind(EventKind::Syncing)[0].json;
    assert_eq!(me["wid"]["user"], sender().digits());
    assert_eq!((&me["connected"], &me["pushname"]), (&true.into(), &"Loja".into()));
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_of_v2_tells_under_its_digits() {
    let world = World::new();
    let task = world.start();
    world.want(&sender(), Desired::Connected(carteiro_core::number::PairingMethod::Qr)).await;
    world.until_state(LinkState::Pairing).await;
    world.whatsapp.scan(&sender(), &sender());
    world.until_state(LinkState::Connected).await;
    world.until("it is told", |world| !world.events.of_kind(EventKind::Syncing).is_empty()).await;
    assert_eq!(
        world.told_of(sender().digits()),
        [
            "OPENING",
            "notLogged",
            "UNPAIRED",
            "qrcode",
            "qrReadSuccess",
            "OPENING",
            "CONNECTED",
            "inChat",
            "ativandoSincronizacao",
        ]
    );
    task.stop().await;
}

#[tokio::test(start_paused = true)]
async fn webhooks_that_cannot_be_told_keep_nothing_waiting() {
    let world = World::new();
    world.events.switch.fail();
    let task = world.start();
    let pairing = world.scanned(&session()).await;
    world.until_connected_with(pairing).await;
    let id = world.send("texto").await;
    world.until_status(id, carteiro_core::send::Status::Sent).await;
    world.events.switch.recover();
    world.until("it is told", |world| !world.events.of_kind(EventKind::Syncing).is_empty()).await;
    task.stop().await;
}
