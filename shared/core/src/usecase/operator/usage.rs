//! How much a tenant has used, and how much it may.

use super::Operator;
use crate::error::{Code, Problem};
use crate::ids::UserId;
use crate::number::Role;
use crate::plan::Plan;
use crate::report::Moment;
use crate::user::User;
use jiff::civil::Date;
use jiff::{Span, Timestamp};

/// The most days that are told at once.
pub const MAX_USAGE_DAYS: i32 = 92;
/// How many days are told, today the last of them, when the operator does not say.
const DEFAULT_DAYS: i64 = 30;

/// How many sends a tenant made on one of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayUsage {
    /// The day.
    pub day: Date,
    /// The sends that were accepted.
    pub sends: u32,
}

/// What a tenant has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// The tenant.
    pub user: User,
    /// Every day that was asked for, oldest first, those without sends too.
    pub days: Vec<DayUsage>,
    /// The sends of all these days.
    pub sends: u64,
    /// How many workers it has.
    pub workers: usize,
    /// What its plan allows; `None` when the deployment does not know the plan any more, which then allows nothing.
    pub plan: Option<Plan>,
}

impl Operator {
    /// What a tenant used from one day to another, both whole, in its time zone.
    ///
    /// # Errors
    /// [`Code::InvalidDate`] for what is no day; [`Code::InvalidPeriod`] when it ends before it begins or has more than
    /// [`MAX_USAGE_DAYS`]; [`Code::UserNotFound`]; [`Code::Unavailable`].
    pub async fn usage(
        &self,
        id: UserId,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<UsageReport, Problem> {
        let from = from.map(|text| day("from", text)).transpose()?;
        let to = to.map(|text| day("to", text)).transpose()?;
        let user = self.user(id).await?;
        let (first, last) = period(from, to, self.today(&user, self.clock.now()))?;
        let counted = self.usage.counted(id, first, last).await?;
        let owned = self.numbers.list(id).await?;
        let count_of = |day: Date| {
            let found = counted.binary_search_by_key(&day, |(day, _)| *day);
            found.map_or(0, |place| counted[place].1)
        };
        let days = first.series(Span::new().days(1)).take_while(|day| *day <= last);
        let days: Vec<DayUsage> = days.map(|day| DayUsage { day, sends: count_of(day) }).collect();
        Ok(UsageReport {
            sends: days.iter().map(|day| u64::from(day.sends)).sum(),
            days,
            workers: owned.iter().filter(|number| number.role == Role::Worker).count(),
            plan: self.plans.find(&user.plan).cloned(),
            user,
        })
    }

    fn today(&self, user: &User, now: Timestamp) -> Date {
        user.zone_or(&self.zone).to_datetime(now).date()
    }
}

fn day(name: &str, text: &str) -> Result<Date, Problem> {
    match text.parse() {
        Ok(Moment::Day(day)) => Ok(day),
        Ok(Moment::Second(_)) | Err(_) => {
            let detail = format!("O parâmetro {name} deve ser um dia: DD/MM/AAAA ou AAAA-MM-DD.");
            Err(Problem::new(Code::InvalidDate).because(detail))
        }
    }
}

/// What is not said is found from what is; without either it is up to today.
fn period(from: Option<Date>, to: Option<Date>, today: Date) -> Result<(Date, Date), Problem> {
    let back = |last: Date| last.saturating_sub(Span::new().days(DEFAULT_DAYS - 1));
    let last = to.unwrap_or_else(|| from.map_or(today, |first| first.max(today)));
    let first = from.unwrap_or_else(|| back(last));
    let refused = |detail: String| Err(Problem::new(Code::InvalidPeriod).because(detail));
    if first > last {
        return refused("O período termina antes de começar.".to_owned());
    }
    // Both are days of the calendar, so the span between them is whole days and fits.
    let days = first.until(last).map_or(i32::MAX, |span| span.get_days().saturating_add(1));
    if days > MAX_USAGE_DAYS {
        return refused(format!("São no máximo {MAX_USAGE_DAYS} dias por consulta."));
    }
    Ok((first, last))
}
