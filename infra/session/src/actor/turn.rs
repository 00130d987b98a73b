//! What an actor does in one turn: it takes in a message, or does one thing that is due.

use super::setback::Which;
use super::{Actor, Message, Setback};
use carteiro_core::command::ShardCommand;
use carteiro_core::number::LinkState;
use carteiro_core::send::Waiting;
use tokio::time::Instant;

impl Actor {
    pub(super) fn hear(&mut self, message: Message) {
        match message {
            Message::Resume(wait) => self.align_at = self.align_at.max(Instant::now() + wait),
            Message::Stop(by) => self.stop_by = Some(by),
            Message::Command(held, ShardCommand::Align { .. }) => {
                self.align.due = true;
                self.align.asked = true;
                self.align.held.push(held);
                self.align_at = Instant::now();
            }
            Message::Command(held, ShardCommand::Send { send_id, .. }) => self.line.add_held(send_id, held),
            Message::Command(held, ShardCommand::Query { asked, .. }) => self.take_question(held, asked),
            Message::Command(held, ShardCommand::Pair { .. } | ShardCommand::Wake) => {
                tracing::error!(number = self.number.masked(), "a number was told what is not for numbers");
                held.done();
            }
        }
    }

    /// What is due by now. One thing at a time: what else is due comes with the next turn.
    pub(super) async fn on_time(&mut self) {
        let now = Instant::now();
        if self.lost_ack(now) {
            return self.reconnect().await;
        }
        if self.expel_by.is_some_and(|by| now >= by) {
            return self.expel().await;
        }
        if self.stop_by.is_some() {
            return;
        }
        if self.restart_at.is_some_and(|at| now >= at) {
            self.restart_at = None;
            self.align.due = true;
            // A ban that is over stands in the way no longer.
            self.align.asked |= self.halted == Some(LinkState::Banned);
        }
        if self.code_is_over(now) {
            return self.halt(LinkState::CodeExpired, None).await;
        }
        if self.align.due && now >= self.align_at {
            let done = self.align().await;
            if let Some(wait) = self.after(done, Which::Align) {
                self.align_at = Instant::now() + wait;
            }
        }
        if self.paced.look_at.is_some_and(|at| now >= at) {
            self.look_at_held();
        }
        if now >= self.step_at && self.has_step(now) {
            let done = self.step().await;
            if let Some(wait) = self.after(done, Which::Step) {
                self.step_at = Instant::now() + wait;
            }
        } else if now >= self.park_at && self.overflows(now) {
            let done = self.park_overflow().await;
            if let Some(wait) = self.after(done, Which::Park) {
                self.park_at = Instant::now() + wait;
            }
        }
    }

    async fn step(&mut self) -> Result<(), Setback> {
        if !self.is_up() {
            return self.park_next(Waiting::NotConnected).await;
        }
        if let Some(why) = self.must_park() {
            return self.park_next(why).await;
        }
        self.learn_pace().await?;
        if self.falls_quiet() { self.park_next(Waiting::QuietHours).await } else { self.write_next().await }
    }
}
