//! What the command line says.

use crate::error::Error;
use crate::options::WhatsApp;
use crate::ports::Ports;
use lexopt::prelude::{Long, Short, Value, ValueExt};
use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
Carteiro on one machine: the API, the functions, the session task and a WhatsApp simulator, on an emulated AWS.

  cargo run                     start everything and stay up, until Ctrl-C
  cargo run -- try              start it apart, send a message through it, show each step, and end

Options of the first:
  --whatsapp simulator|live     which WhatsApp to talk to; live pairs with your phone (default: simulator)
  --fresh                       forget the state of earlier runs
  --state-dir DIR               where the state is kept (default: .carteiro/simulator or .carteiro/live)
  --api-port PORT               the API (default: 8080)
  --aws-port PORT               the emulated AWS (default: 4566)
  --simulator-port PORT         the simulator's WebSocket (default: 8180)
  --admin-port PORT             the simulator's admin API (default: 8181)
  --health-port PORT            the session task's health (default: 8182)
  --media-port PORT             the simulator's media server (default: 8183)
  --tasks NUMBER                how many session tasks share the numbers (default: 1)
  --packaged DIR                take the functions from .aws-sam/build, as sam build left them, instead of building them
  --free-ports                  any free ports instead; PORT 0 means the same for one

  -h, --help                    this
  -V, --version                 the version
";

/// More than these on one machine help nobody.
const MOST_TASKS: usize = 16;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Start everything and stay up.
    Run(RunOptions),
    /// Show the main job.
    Try,
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// How to start everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// Which WhatsApp.
    pub whatsapp: WhatsApp,
    /// Whether to forget the state.
    pub fresh: bool,
    /// Where the state is; `None` for the usual place.
    pub state_dir: Option<PathBuf>,
    /// The ports.
    pub ports: Ports,
    /// How many session tasks.
    pub tasks: usize,
    /// Where packaged functions are; `None` for functions built here.
    pub packaged: Option<PathBuf>,
}

/// Reads the arguments that follow the program's name.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Wish, Error> {
    read(arguments).map_err(|error| Error::new(format!("{error}; --help says what there is")))
}

fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Wish, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut trial = false;
    let mut flagged = false;
    let mut options = RunOptions {
        whatsapp: WhatsApp::Simulator,
        fresh: false,
        state_dir: None,
        ports: Ports::default(),
        tasks: 1,
        packaged: None,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Wish::Help),
            Short('V') | Long("version") => return Ok(Wish::Version),
            Value(word) if word == "try" && !trial => {
                trial = true;
                continue;
            }
            Long("whatsapp") => {
                options.whatsapp = match parser.value()?.string()?.as_str() {
                    "simulator" => WhatsApp::Simulator,
                    "live" => WhatsApp::Live,
                    other => {
                        return Err(format!("--whatsapp is simulator or live, and not {other}").into());
                    }
                }
            }
            Long("fresh") => options.fresh = true,
            Long("state-dir") => options.state_dir = Some(parser.value()?.into()),
            Long("api-port") => options.ports.api = parser.value()?.parse()?,
            Long("aws-port") => options.ports.aws = parser.value()?.parse()?,
            Long("simulator-port") => options.ports.simulator = parser.value()?.parse()?,
            Long("admin-port") => options.ports.admin = parser.value()?.parse()?,
            Long("health-port") => options.ports.health = parser.value()?.parse()?,
            Long("media-port") => options.ports.media = parser.value()?.parse()?,
            Long("tasks") => {
                options.tasks = parser.value()?.parse()?;
                if !(1..=MOST_TASKS).contains(&options.tasks) {
                    return Err(format!("--tasks is 1 to {MOST_TASKS}").into());
                }
            }
            Long("packaged") => options.packaged = Some(parser.value()?.into()),
            Long("free-ports") => options.ports = Ports::FREE,
            other => return Err(other.unexpected()),
        }
        flagged = true;
    }
    match (trial, flagged) {
        (true, true) => Err("try takes no options: it starts a system of its own".into()),
        (true, false) => Ok(Wish::Try),
        (false, _) => Ok(Wish::Run(options)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Wish, String> {
        parse(words.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    fn run(words: &[&str]) -> RunOptions {
        match parsed(words) {
            Ok(Wish::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_said_is_the_usual() {
        let options = run(&[]);
        assert_eq!(options.ports, Ports::default());
        assert_eq!((options.whatsapp, options.fresh, options.state_dir), (WhatsApp::Simulator, false, None));
    }

    #[test]
    fn options_are_read() {
        let options = run(&["--whatsapp", "live", "--fresh", "--api-port=9000", "--state-dir", "x"]);
        assert_eq!((options.whatsapp, options.fresh, options.ports.api), (WhatsApp::Live, true, 9000));
        assert_eq!(options.state_dir, Some("x".into()));
        assert_eq!(options.ports.aws, 4566);
        assert_eq!(run(&["--free-ports", "--api-port", "9000"]).ports, Ports { api: 9000, ..Ports::FREE });
        assert_eq!((run(&["--tasks", "3"]).tasks, options.tasks), (3, 1));
        assert_eq!(parsed(&["try"]), Ok(Wish::Try));
        assert_eq!(parsed(&["try", "--help"]), Ok(Wish::Help));
        assert_eq!(parsed(&["-V"]), Ok(Wish::Version));
    }

    #[test]
    fn what_is_wrong_is_said_in_a_line() {
        for words in [
            &["--whatsapp", "fake"][..],
            &["--colour"],
            &["--api-port"],
            &["--api-port", "70000"],
            &["--tasks", "0"],
            &["--tasks", "many"],
            &["try", "--fresh"],
            &["try", "try"],
            &["now"],
        ] {
            let said = parsed(words).unwrap_err();
            assert!(
                said.ends_with("; --help says what there is") && !said.contains('\n'),
                "{words:?}: {said}"
            );
        }
    }
}
