//! `carteiro try`: the main job from its first request to its last, shown as it happens.

mod job;
mod screen;

pub use screen::Screen;

use crate::error::Error;
use crate::system::System;

/// Does the main job on a fresh system: a tenant is made and logs in, a number is paired, a text goes out, its recipient
/// has it, its statuses come, the report tells of it. Shows each step. Fails at the first thing that does not happen.
pub async fn show(system: &System, screen: &mut Screen) -> Result<(), Error> {
    let Some(admin) = system.admin_url() else {
        return Err(Error::new("try wants the simulator, whose phones it plays"));
    };
    let mut job = job::Job::new(system, admin, screen);
    job.declare_phones().await?;
    job.register().await?;
    job.log_in().await?;
    job.add_number().await?;
    job.pair().await?;
    let send = job.send().await?;
    job.follow(&send).await?;
    job.report(&send).await
}
