//! What the templates declare and AWS bills for being there.

use crate::CostError;

/// Counted in the templates.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Queues of shards, which session tasks read.
    pub shards: f64,
    /// Queues that functions read.
    pub sources: f64,
    /// Alarms.
    pub alarms: f64,
    /// Dashboards.
    pub dashboards: f64,
    /// Secrets.
    pub secrets: f64,
    /// Virtual processors of a session task.
    pub vcpu: f64,
    /// GB of a session task.
    pub memory_gb: f64,
    /// GB of dispatch.
    pub dispatch_gb: f64,
    /// GB of the other functions.
    pub function_gb: f64,
    /// Numbers that a session task looks after before there is one more.
    pub sessions_per_task: f64,
    /// Whether Container Insights watches the cluster.
    pub insights: bool,
    /// Whether functions are traced.
    pub traced: bool,
}

impl Declared {
    /// Counts in the outer template and the nested ones.
    ///
    /// # Errors
    /// A size does not stand where it is looked for: the templates are written in another way.
    pub fn read(outer: &str, nested: &[&str]) -> Result<Self, CostError> {
        let all: Vec<&str> = std::iter::once(outer).chain(nested.iter().copied()).collect();
        let of = |kind: &str| {
            let line = format!("Type: {kind}");
            let lines = all.iter().flat_map(|text| text.lines());
            lines.filter(|text| text.trim() == line).count() as f64
        };
        let shards = all.iter().flat_map(|text| text.lines()).filter(|line| {
            line.trim().starts_with("QueueName: !Sub \"${Prefix}-session-") && !line.contains("dlq")
        });
        let number = |block: &'static str, field: &str| {
            number(&section(outer, block), field)
                .ok_or(CostError::NotDeclared(block.trim_matches([' ', ':'])))
        };
        Ok(Self {
            shards: shards.count() as f64,
            sources: of("SQS"),
            alarms: of("AWS::CloudWatch::Alarm"),
            dashboards: of("AWS::CloudWatch::Dashboard"),
            secrets: of("AWS::SecretsManager::Secret"),
            vcpu: number("  SessionCpu:", "Default:")? / 1024.0,
            memory_gb: number("  SessionMemory:", "Default:")? / 1024.0,
            dispatch_gb: number("  DispatchFunction:", "MemorySize:")? / 1024.0,
            function_gb: number("  Function:", "MemorySize:")? / 1024.0,
            sessions_per_task: number("  SessionsPerTask:", "Default:")?,
            insights: all.iter().any(|text| text.contains("Name: containerInsights, Value: en")),
            traced: outer.contains("Tracing: Active"),
        })
    }
}

/// The lines below a heading that are indented further.
fn section<'a>(text: &'a str, heading: &str) -> Vec<&'a str> {
    let indent = heading.len() - heading.trim_start().len();
    let deeper = |line: &&str| line.is_empty() || line.len() - line.trim_start().len() > indent;
    text.lines().skip_while(|line| *line != heading).skip(1).take_while(deeper).collect()
}

fn number(lines: &[&str], field: &str) -> Option<f64> {
    let value = lines.iter().find_map(|line| line.trim().strip_prefix(field))?;
    value.trim().trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTER: &str = "\
Parameters:
  SessionCpu:
    Default: \"512\"
  SessionMemory:
    Default: \"1024\"
  SessionsPerTask:
    Default: 600
Globals:
  Function:
    MemorySize: 256
    Tracing: Active
Resources:
  DispatchFunction:
    Properties:
      MemorySize: 1769
      Events:
        Sends:
          Type: SQS
";

    #[test]
    fn it_counts_what_is_there() {
        let queues = "  A:\n    Type: AWS::SQS::Queue\n      QueueName: !Sub \"${Prefix}-session-00.fifo\"\n      QueueName: !Sub \"${Prefix}-session-dlq.fifo\"\n";
        let read = Declared::read(OUTER, &[queues]).unwrap();
        assert_eq!((read.shards, read.sources, read.vcpu, read.memory_gb), (1.0, 1.0, 0.5, 1.0));
        assert_eq!((read.function_gb, read.traced, read.insights), (0.25, true, false));
        assert_eq!(read.sessions_per_task, 600.0);
        assert!((read.dispatch_gb - 1.7275).abs() < 0.001);
    }

    #[test]
    fn a_size_that_is_not_found_is_not_guessed() {
        for name in ["SessionCpu", "SessionMemory", "SessionsPerTask", "Function", "DispatchFunction"] {
            let without = OUTER.replace(&format!("  {name}:"), "  Renamed:");
            let error = Declared::read(&without, &[]).unwrap_err();
            assert!(error.to_string().ends_with(name), "{error}");
        }
    }

    #[test]
    fn the_templates_of_this_version_have_all_of_it() {
        let read = crate::Model::built_in().unwrap().declared;
        for (what, count) in [
            ("shards", read.shards),
            ("sources", read.sources),
            ("alarms", read.alarms),
            ("dashboards", read.dashboards),
            ("secrets", read.secrets),
        ] {
            assert!(count > 0.0, "{what}");
        }
        assert!(read.dispatch_gb > read.function_gb && read.insights && read.traced);
    }
}
