//! Pacing: how fast a number sends, so that WhatsApp takes it for a person and not for a machine.
//!
//! A plan sets a [`Pace`] and a number may have one of its own ([`OwnPace`]), which makes it slower or more careful than its plan
//! and never bolder. Both together are the [`Rules`] that a [`Pacer`] keeps. It is pure: it is told a monotonic time, by which it
//! paces, and the time of day, by which it knows quiet hours and days.

mod new_chats;
mod own;
mod pace;
mod pacer;
mod quiet;
mod rules;
mod typing;
mod verdict;

pub use new_chats::{Begun, InvalidNewChats, NewChats, WarmUp};
pub use own::{Exceeds, OwnPace};
pub use pace::{InvalidPace, Pace};
pub use pacer::Pacer;
pub use quiet::{InvalidQuietHours, QuietHours};
pub use rules::Rules;
pub use typing::typing_time;
pub use verdict::{Hold, Moment, Verdict};
