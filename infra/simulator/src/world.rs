//! Everything the server knows, behind one lock: the accounts, the pairings under way, the faults in force.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use wacore_binary::{Jid, Node};

use crate::SimulatorError;
use crate::account::{Account, Device, DeviceRef, NinthDigit, PendingStanza, Stored, other_form};
use crate::app_state::ChatState;
use crate::faults::Faults;
use crate::group::Group;
use crate::link_code::LinkCode;
use crate::media::{Grants, Store};
use crate::noise::ServerIdentity;
use crate::pairing::Candidate;
use crate::phone::PhoneWork;
use crate::presence::Typing;
use crate::profile::picture::Picture;
use crate::receipt::receipt_kind;
use crate::received_media::MediaCheck;
use crate::stats::Stats;
use crate::stream::Out;
use crate::wire_keys::WireKeys;

/// The server: its keys and its world.
pub(crate) struct Server {
    pub(crate) identity: ServerIdentity,
    world: Mutex<World>,
    /// The media that clients have uploaded.
    pub(crate) store: Arc<Store>,
    /// Held while the state file is written.
    pub(crate) saving: Mutex<()>,
    /// Set when a phone has something to do.
    pub(crate) phones: Notify,
    /// Told when a phone has checked media.
    pub(crate) media_checked: Notify,
    /// Set when the state has changed.
    pub(crate) changed: Notify,
}

/// What changes while the server runs.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) accounts: BTreeMap<String, Account>,
    lids: HashMap<String, String>,
    /// By address.
    pub(crate) groups: BTreeMap<String, Group>,
    /// The clients that wait to be paired, by the references they were offered.
    pub(crate) pairings: HashMap<String, Candidate>,
    /// The codes that clients asked for, by number.
    pub(crate) link_codes: HashMap<String, LinkCode>,
    pub(crate) phone_work: VecDeque<PhoneWork>,
    pub(crate) media_checks: Vec<MediaCheck>,
    /// The new companions that wait for their account's history.
    pub(crate) histories: Vec<DeviceRef>,
    pub(crate) faults: Faults,
    /// Who may use the media server.
    pub(crate) media: Grants,
    /// The media that clients and phones have uploaded.
    pub(crate) store: Arc<Store>,
    /// The pictures of numbers and groups.
    pub(crate) pictures: BTreeMap<String, Picture>,
    /// The chat states that came for numbers, the oldest first.
    pub(crate) typing: VecDeque<Typing>,
    pub(crate) stats: Stats,
    /// The keys that messages came under.
    pub(crate) wire_keys: WireKeys,
    last_stream: u64,
    last_order: u64,
}

impl Server {
    pub(crate) fn new(identity: ServerIdentity, world: World) -> Self {
        Self {
            identity,
            store: Arc::clone(&world.store),
            world: Mutex::new(world),
            saving: Mutex::new(()),
            phones: Notify::new(),
            media_checked: Notify::new(),
            changed: Notify::new(),
        }
    }

    /// The world, for a short and synchronous step. Nothing waits while it is held.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A step that changes the world: wakes the phones that have work, and the keeper of the state file.
    pub(crate) fn change<T>(&self, step: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world();
        let out = step(&mut world);
        if !world.phone_work.is_empty() {
            self.phones.notify_one();
        }
        drop(world);
        self.changed.notify_one();
        out
    }
}

impl World {
    pub(crate) fn with_accounts(accounts: BTreeMap<String, Account>, last_order: u64) -> Self {
        let lids = accounts.values().map(|account| (account.lid.clone(), account.number.clone())).collect();
        Self { accounts, lids, last_order, ..Self::default() }
    }

    /// Forgets everything but what must never be given twice, and the streams that are still open.
    pub(crate) fn reset(&mut self) {
        let stats = Stats { open_streams: self.stats.open_streams, ..Stats::default() };
        let fresh = Self::with_accounts(BTreeMap::new(), self.last_order);
        let (media, store) = (self.media.fresh(), Arc::clone(&self.store));
        *self = Self { last_stream: self.last_stream, stats, media, store, ..fresh };
    }

    pub(crate) fn next_stream(&mut self) -> u64 {
        self.last_stream += 1;
        self.last_stream
    }

    /// The next place in the order in which the server saw things.
    pub(crate) fn next_order(&mut self) -> u64 {
        self.last_order += 1;
        self.last_order
    }

    pub(crate) fn last_order(&self) -> u64 {
        self.last_order
    }

    /// Declares an account, or finds it.
    pub(crate) fn declare(
        &mut self,
        number: &str,
        name: Option<String>,
    ) -> Result<&mut Account, SimulatorError> {
        if !(10..=15).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SimulatorError::Invalid("a number is 10 to 15 digits".to_owned()));
        }
        if !self.accounts.contains_key(number) {
            let account = Account::new(number, None)?;
            self.lids.insert(account.lid.clone(), number.to_owned());
            self.accounts.insert(number.to_owned(), account);
        }
        let account = self.account_mut(number)?;
        if name.is_some() {
            account.name = name;
        }
        Ok(account)
    }

    pub(crate) fn account(&self, number: &str) -> Result<&Account, SimulatorError> {
        self.accounts
            .get(number)
            .ok_or_else(|| SimulatorError::NotFound("no account has this number".to_owned()))
    }

    pub(crate) fn account_mut(&mut self, number: &str) -> Result<&mut Account, SimulatorError> {
        self.accounts
            .get_mut(number)
            .ok_or_else(|| SimulatorError::NotFound("no account has this number".to_owned()))
    }

    pub(crate) fn device_mut(&mut self, device: &DeviceRef) -> Option<&mut Device> {
        self.accounts.get_mut(&device.number)?.devices.get_mut(&device.device)
    }

    /// The number of the account at an address, by number or by LID. An address is exact: what is sent to the other
    /// form of a Brazilian number reaches nobody.
    pub(crate) fn find(&self, jid: &Jid) -> Option<String> {
        if jid.is_lid() {
            return self.lids.get(jid.user.as_str()).cloned();
        }
        let number = jid.user.as_str();
        (jid.is_pn() && self.accounts.contains_key(number)).then(|| number.to_owned())
    }

    /// What an account has done to a chat, with a number or a group.
    pub(crate) fn chat_state(&self, number: &str, with: &str) -> ChatState {
        let Some(account) = self.accounts.get(number) else { return ChatState::default() };
        let addresses = match self.accounts.get(with) {
            Some(peer) => vec![peer.pn(0).to_string(), peer.lid(0).to_string()],
            None => vec![with.to_owned()],
        };
        account.app_state.chat(&addresses.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The address of an account as another one writes to it.
    pub(crate) fn chat_address(&self, writer: &str, to: &str) -> Result<Jid, SimulatorError> {
        let to = self.account(to)?;
        Ok(if self.account(writer)?.lid_migrated { to.lid(0) } else { to.pn(0) })
    }

    /// The number of the account that is found when somebody asks for this number: its own, or the other form where it allows it.
    pub(crate) fn find_number(&self, number: &str) -> Option<String> {
        if self.accounts.contains_key(number) {
            return Some(number.to_owned());
        }
        let other = self.accounts.get(&other_form(number)?)?;
        (other.ninth_digit == NinthDigit::Resolve).then(|| other.number.clone())
    }

    /// Hands a stanza to a device: to the phone's inbox, or into the device's queue and onto its stream if it has
    /// one that takes messages. It stays queued until the device confirms it.
    pub(crate) fn deliver(&mut self, to: &DeviceRef, class: &str, id: &str, stanza: &Node) {
        if to.device == 0 {
            self.phone_work
                .push_back(PhoneWork::Stanza { number: to.number.clone(), stanza: stanza.clone() });
            return;
        }
        let stalled = self.faults.stalls(to);
        let Some(device) = self.device_mut(to) else { return };
        let Ok(bytes) = wacore_binary::marshal::marshal(stanza) else { return };
        if let (Some(stream), true, false) = (&device.stream, device.active, stalled) {
            stream.send(Out::Stanza(bytes.clone()));
        }
        device.pending.push_back(PendingStanza {
            class: class.to_owned(),
            id: id.to_owned(),
            kind: if class == "receipt" { receipt_kind(stanza) } else { String::new() },
            stanza: Stored(bytes),
        });
    }

    /// Takes what a device has confirmed out of its queue. The kind tells receipts apart.
    pub(crate) fn confirm(&mut self, device: &DeviceRef, class: &str, id: &str, kind: &str) {
        if let Some(device) = self.device_mut(device) {
            let kind = if class == "receipt" { kind } else { "" };
            device.pending.retain(|held| held.class != class || held.id != id || held.kind != kind);
        }
    }
}
