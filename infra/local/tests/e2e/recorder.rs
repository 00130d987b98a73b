//! Functions of a system in whose place stands one that writes down what it is given.

use crate::aws::part_of_function;
use crate::until::until;
use crate::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::path::PathBuf;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const PROGRAM: &str = include_str!("recorder.py");

/// What was given to functions.
pub(crate) struct Recorder {
    notes: PathBuf,
}

impl Recorder {
    /// Puts a recorder in the place of each of these functions.
    pub(crate) async fn in_place_of(world: &World, functions: &[&str]) -> Self {
        let notes = world.state_dir().join("notes");
        std::fs::create_dir_all(&notes).unwrap();
        let recorder = Self { notes };
        for function in functions {
            let code = json!({"ZipFile": BASE64_STANDARD.encode(recorder.package(function))});
            part_of_function(world, function, "code", Some(&code)).await;
        }
        recorder
    }

    fn package(&self, function: &str) -> Vec<u8> {
        let (first, rest) = PROGRAM.split_once("\nRUNTIME").unwrap();
        let told = format!("\nNOTES, FUNCTION = {:?}, {function:?}\nRUNTIME", self.notes.to_str().unwrap());
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .unix_permissions(0o755);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("bootstrap", options).unwrap();
        zip.write_all(format!("{first}{told}{rest}").as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    }

    fn given(&self, function: &str) -> Vec<Value> {
        let paths = std::fs::read_dir(&self.notes).unwrap().map(|entry| entry.unwrap().path());
        let of_function = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(&format!("{function}-")) && name.ends_with(".json")
        };
        let read = |path: PathBuf| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        paths.filter(of_function).map(read).collect()
    }

    /// The event like this that a function was given.
    pub(crate) async fn event(&self, function: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{function} is given its event"), async || {
            self.given(function).into_iter().find(|event| is_it(event))
        })
        .await
    }
}
