//! How much of each billed thing a month takes.

use crate::counts::{Counts, Sum};
use crate::{Assumptions, CostError, Declared, HOURS, Workload};
use std::collections::BTreeMap;

const KB_IN_GB: f64 = 1024.0 * 1024.0;
const MB_IN_GB: f64 = 1024.0;
const SECONDS: f64 = HOURS * 3600.0;
/// Months that sends and messages are kept: 400 days.
const KEPT_MONTHS: f64 = 400.0 / (365.0 / 12.0);

/// Quantities, by the names that `prices.json` has for them.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Usage(BTreeMap<&'static str, f64>);

impl Usage {
    fn add(&mut self, name: &'static str, quantity: f64) {
        *self.0.entry(name).or_default() += quantity;
    }

    /// Each thing and how much of it.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.0.iter().map(|(name, quantity)| (*name, *quantity))
    }

    /// How much of one thing.
    pub fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }
}

/// What a month of that workload takes.
///
/// # Errors
/// An assumption that is missing.
pub fn usage(
    workload: &Workload,
    counts: &Counts,
    assumed: &Assumptions,
    declared: &Declared,
) -> Result<Usage, CostError> {
    let mut month = Month { workload, counts, assumed, declared, usage: Usage::default() };
    month.standing()?;
    month.sends()?;
    month.events()?;
    month.received()?;
    month.kept()?;
    Ok(month.usage)
}

struct Month<'a> {
    workload: &'a Workload,
    counts: &'a Counts,
    assumed: &'a Assumptions,
    declared: &'a Declared,
    usage: Usage,
}

impl Month<'_> {
    fn tasks(&self) -> f64 {
        let needed = (self.workload.numbers / self.declared.sessions_per_task).ceil().max(1.0);
        self.workload.tasks.unwrap_or(needed)
    }

    fn file_gb(&self) -> Result<f64, CostError> {
        Ok(self.workload.file_mb.map_or_else(|| self.assumed.value("file_mb"), Ok)? / MB_IN_GB)
    }

    fn invoke(&mut self, invocations: f64, gb: f64, ms: f64) -> Result<(), CostError> {
        self.usage.add("lambda-requests", invocations);
        self.usage.add("lambda-gb-seconds", invocations * gb * ms / 1000.0);
        if self.declared.traced {
            let first = invocations.min(SECONDS);
            let share = self.assumed.value("traced_share")?;
            self.usage.add("xray-traces", first + (invocations - first) * share);
        }
        Ok(())
    }

    /// What is there whether or not anything is sent.
    fn standing(&mut self) -> Result<(), CostError> {
        let (declared, tasks) = (self.declared, self.tasks());
        let assumed = self.assumed;
        self.usage.add("fargate-vcpu-hours", tasks * declared.vcpu * HOURS);
        self.usage.add("fargate-gb-hours", tasks * declared.memory_gb * HOURS);
        self.usage.add("ipv4-hours", tasks * HOURS);
        self.looking(tasks)?;
        let numbers = self.workload.numbers * assumed.value("number_writes_hour")?;
        self.usage.add("dynamodb-writes", numbers * HOURS);

        // Of the queues that functions read, one is first in, first out: that of the sends.
        let polls = assumed.value("idle_polls_hour")? * HOURS;
        self.usage.add("sqs-fifo-requests", polls);
        self.usage.add("sqs-standard-requests", (declared.sources - 1.0).max(0.0) * polls);
        let minutes = HOURS * 60.0;
        match self.counts.idle_hour() {
            Some(hour) => {
                self.usage.add("dynamodb-reads", hour.reads * HOURS);
                self.usage.add("dynamodb-writes", hour.writes * HOURS);
            }
            None => self.usage.add("dynamodb-reads", minutes * assumed.value("sweep_reads")?),
        }
        self.invoke(minutes, declared.function_gb, assumed.value("sweep_ms")?)?;

        let insights =
            if declared.insights && tasks > 0.0 { assumed.value("insights_metrics")? } else { 0.0 };
        self.usage.add("cloudwatch-metrics", assumed.value("custom_metrics")? + insights);
        self.usage.add("cloudwatch-alarms", declared.alarms);
        self.usage.add("cloudwatch-dashboards", declared.dashboards);
        let logs = tasks * assumed.value("task_log_kb_hour")? * HOURS + minutes;
        self.usage.add("cloudwatch-logs-gb", logs / KB_IN_GB);
        self.usage.add("secrets", declared.secrets);
        self.usage.add("secret-requests", assumed.value("secret_reads_hour")? * HOURS);
        self.usage.add("ecr-gb-months", assumed.value("image_gb")?);
        if self.workload.own_key {
            self.usage.add("kms-keys", 1.0);
            self.usage.add("kms-requests", assumed.value("key_requests")?);
        }
        self.usage.add("ses-mails", self.workload.mails);
        self.usage.add("sns-sms-brazil", self.workload.texts);
        Ok(())
    }

    /// What session tasks do to find out whether there is anything to do. Without a task nobody reads the shards' queues; more
    /// tasks share them, and each has its own heartbeat.
    fn looking(&mut self, tasks: f64) -> Result<(), CostError> {
        if tasks <= 0.0 {
            return Ok(());
        }
        let assumed = self.assumed;
        let (writes, reads) = (assumed.value("task_writes_hour")?, assumed.value("task_reads_hour")?);
        let shards = self.declared.shards;
        let first = self.counts.task_hour().unwrap_or(Sum {
            reads: reads + shards * assumed.value("shard_reads_hour")?,
            writes,
            sqs: shards * assumed.value("shard_polls_hour")?,
            ..Sum::default()
        });
        let others = (tasks - 1.0).max(0.0);
        self.usage.add("sqs-fifo-requests", first.sqs * HOURS);
        self.usage.add("dynamodb-reads", (first.reads + others * reads) * HOURS);
        self.usage.add("dynamodb-writes", (first.writes + others * writes) * HOURS);
        Ok(())
    }

    fn sends(&mut self) -> Result<(), CostError> {
        let (sends, assumed, declared) = (self.workload.sends, self.assumed, self.declared);
        let media = sends * self.workload.media_share;
        let texts = sends - media;
        self.usage.add("http-api-requests", sends + self.workload.requests);
        self.invoke(sends + self.workload.requests, declared.function_gb, assumed.value("api_ms")?)?;
        self.invoke(texts, declared.dispatch_gb, assumed.value("dispatch_text_ms")?)?;
        self.invoke(media, declared.dispatch_gb, assumed.value("dispatch_media_ms")?)?;

        let text = self.counts.sum("text");
        let mut file = self.counts.sum("media");
        if !self.counts.has("media") {
            file = text;
            file.reads += assumed.value("media_reads")?;
            file.writes += assumed.value("media_writes")?;
            file.s3_puts += assumed.value("media_puts")?;
            file.s3_gets += assumed.value("media_gets")?;
        }
        for (count, each) in [(texts, text), (media, file)] {
            self.usage.add("dynamodb-reads", count * each.reads);
            self.usage.add("dynamodb-writes", count * each.writes);
            self.usage.add("sqs-fifo-requests", count * (each.sqs + assumed.value("queue_requests")?));
            self.usage.add("s3-puts", count * each.s3_puts);
            self.usage.add("s3-gets", count * each.s3_gets);
        }
        if !self.counts.receives("text") {
            self.usage.add("sqs-fifo-requests", sends);
        }
        self.usage.add("cloudwatch-logs-gb", sends * assumed.value("log_kb")? / KB_IN_GB);
        let out = sends * assumed.value("text_out_kb")? / KB_IN_GB + media * self.file_gb()?;
        self.usage.add("data-out-gb", out);
        Ok(())
    }

    fn events(&mut self) -> Result<(), CostError> {
        let (assumed, declared) = (self.assumed, self.declared);
        let events = (self.workload.sends + self.workload.received) * self.workload.events_per_send;
        let counted = self.counts.sum("event");
        let (reads, writes, sqs) = if self.counts.has("event") {
            (counted.reads, counted.writes, counted.sqs)
        } else {
            (assumed.value("event_reads")?, assumed.value("event_writes")?, 1.0)
        };
        self.usage.add("dynamodb-reads", events * reads);
        self.usage.add("dynamodb-writes", events * writes);
        self.usage.add("sqs-standard-requests", events * (sqs + assumed.value("queue_requests")?));
        self.invoke(events, declared.function_gb, assumed.value("event_ms")?)?;
        self.usage.add("data-out-gb", events * assumed.value("event_out_kb")? / KB_IN_GB);
        self.usage.add("cloudwatch-logs-gb", events / KB_IN_GB);
        Ok(())
    }

    fn received(&mut self) -> Result<(), CostError> {
        let (received, assumed) = (self.workload.received, self.assumed);
        let counted = self.counts.sum("received");
        let (reads, writes) = if self.counts.has("received") {
            (counted.reads, counted.writes)
        } else {
            (assumed.value("received_reads")?, assumed.value("received_writes")?)
        };
        self.usage.add("dynamodb-reads", received * reads);
        self.usage.add("dynamodb-writes", received * writes);
        let files = received * self.workload.media_share;
        self.usage.add("s3-puts", files);
        self.usage.add("sqs-standard-requests", files * (1.0 + assumed.value("queue_requests")?));
        self.invoke(files, 2.0 * self.declared.function_gb, assumed.value("received_ms")?)?;
        let months = assumed.value("file_months")?.min(self.workload.months);
        self.usage.add("s3-gb-months", files * self.file_gb()? * months);
        Ok(())
    }

    /// What has been stored so far, in the middle of the month asked for.
    fn kept(&mut self) -> Result<(), CostError> {
        let age = (self.workload.months - 0.5).min(KEPT_MONTHS);
        let sends = self.workload.sends * age * self.assumed.value("send_kb")?;
        let received = self.workload.received * age * self.assumed.value("received_kb")?;
        let gb = (sends + received) / KB_IN_GB;
        self.usage.add("dynamodb-gb-months", gb);
        self.usage.add("dynamodb-pitr-gb-months", gb);
        Ok(())
    }
}
