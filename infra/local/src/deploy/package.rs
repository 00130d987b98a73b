//! What `sam package` does: local paths in template.yaml become addresses of what is uploaded.
//!
//! Two kinds of lines name local paths, `CodeUri: functions/NAME` and `TemplateURL: infra/FILE`, and only those lines
//! change. A function's package is a zip with a `bootstrap`, as for the real provided.al2023; here the bootstrap is a
//! launcher of a few bytes that becomes the program cargo built, so that a start does not copy hundreds of megabytes of
//! debug builds about.

use super::Clients;
use crate::binaries::{Binaries, FUNCTIONS};
use crate::error::{Error, While};
use aws_sdk_s3::primitives::ByteStream;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Cursor, Write};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The bucket of the emulated AWS that templates and packages are put in.
pub const TEMPLATE_BUCKET: &str = "carteiro-deploy";

/// A template that names no local path, and the files that it names instead.
#[derive(Debug)]
pub(crate) struct Package {
    /// Where the template itself is uploaded to.
    pub(crate) template_url: String,
    /// By key in the bucket.
    files: BTreeMap<String, Vec<u8>>,
}

impl Package {
    /// Packages the repository's template with the programs that were built.
    pub(crate) fn build(
        root: &Path,
        binaries: &Binaries,
        logs: &Path,
        endpoint: &str,
    ) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        let template = read(root, "template.yaml")?;
        let template = rewrite(&template, |name, path| match name {
            "CodeUri" => {
                let function = path.strip_prefix("functions/").filter(|found| FUNCTIONS.contains(found));
                let function = function.ok_or_else(|| {
                    Error::new(format!("template.yaml has CodeUri: {path}, which infra/local does not build"))
                })?;
                let log = logs.join(format!("{function}.log"));
                let zip = bootstrap(binaries.path(&format!("carteiro-{function}"))?, &log)?;
                Ok(format!("s3://{TEMPLATE_BUCKET}/{}", put(&mut files, function, "zip", zip)))
            }
            _ => {
                let nested = read(root, path)?;
                let name = path.replace('/', "-");
                Ok(format!(
                    "{endpoint}/{TEMPLATE_BUCKET}/{}",
                    put(&mut files, &name, "yaml", nested.into_bytes())
                ))
            }
        })?;
        let key = put(&mut files, "template", "yaml", template.into_bytes());
        Ok(Self { template_url: format!("{endpoint}/{TEMPLATE_BUCKET}/{key}"), files })
    }

    /// Names the content: two packages with the same name are the same.
    pub(crate) fn name(&self) -> String {
        self.files.keys().cloned().collect::<Vec<_>>().join("\n")
    }

    /// Uploads every file.
    pub(crate) async fn upload(&self, clients: &Clients) -> Result<(), Error> {
        let bucket = clients.objects.create_bucket().bucket(TEMPLATE_BUCKET).send().await;
        if let Err(error) = bucket.map_err(aws_sdk_s3::Error::from)
            && !matches!(
                error,
                aws_sdk_s3::Error::BucketAlreadyOwnedByYou(_) | aws_sdk_s3::Error::BucketAlreadyExists(_)
            )
        {
            return Err(error).or_cannot("make the bucket of the deployment");
        }
        for (key, content) in &self.files {
            let body = ByteStream::from(content.clone());
            let put = clients.objects.put_object().bucket(TEMPLATE_BUCKET).key(key).body(body).send().await;
            put.map_err(aws_sdk_s3::Error::from).or_cannot(format!("upload {key}"))?;
        }
        Ok(())
    }
}

fn read(root: &Path, path: &str) -> Result<String, Error> {
    std::fs::read_to_string(root.join(path)).or_cannot(format!("read {path}"))
}

/// Files `content` under a name that changes with it, so that CloudFormation sees that it did.
fn put(files: &mut BTreeMap<String, Vec<u8>>, name: &str, extension: &str, content: Vec<u8>) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let key = format!("{name}-{:016x}.{extension}", hasher.finish());
    files.insert(key.clone(), content);
    key
}

/// Replaces the value of each line that names a local path by what `address` makes of it.
fn rewrite(
    template: &str,
    mut address: impl FnMut(&str, &str) -> Result<String, Error>,
) -> Result<String, Error> {
    let mut rewritten = String::with_capacity(template.len());
    for line in template.lines() {
        let field = line.trim_start();
        let indent = &line[..line.len() - field.len()];
        match field.split_once(": ") {
            Some((name @ ("CodeUri" | "TemplateURL"), path)) => {
                rewritten.push_str(&format!("{indent}{name}: {}\n", address(name, path.trim())?));
            }
            _ => {
                rewritten.push_str(line);
                rewritten.push('\n');
            }
        }
    }
    Ok(rewritten)
}

/// What becomes a function. Its output goes to a log here and on to the runtime, which files it as CloudWatch Logs do.
/// The program takes the launcher's own process, so that it is what the runtime ends.
const LAUNCHER: &str = r#"#!/bin/sh
pipe="${TMPDIR:-/tmp}/function-$$"
mkfifo "$pipe" || exit 1
tee -a LOG <"$pipe" &
exec >"$pipe" 2>&1
rm "$pipe"
exec PROGRAM
"#;

/// A function's package: the launcher of `program`, with its log.
fn bootstrap(program: &Path, log: &Path) -> Result<Vec<u8>, Error> {
    let launcher = LAUNCHER.replace("LOG", &quoted(log)).replace("PROGRAM", &quoted(program));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options).or_cannot("package a function")?;
    zip.write_all(launcher.as_bytes()).or_cannot("package a function")?;
    Ok(zip.finish().or_cannot("package a function")?.into_inner())
}

/// A path as one word of the shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_paths_change() {
        let template = "Resources:\n  A:\n    Properties:\n      CodeUri: functions/auth\n      # CodeUri: x\n      TemplateURL: infra/data.yaml\n      Description: \"CodeUri: none\"\n";
        let rewritten = rewrite(template, |name, path| Ok(format!("<{name} {path}>"))).unwrap();
        assert_eq!(
            rewritten,
            "Resources:\n  A:\n    Properties:\n      CodeUri: <CodeUri functions/auth>\n      # CodeUri: x\n      TemplateURL: <TemplateURL infra/data.yaml>\n      Description: \"CodeUri: none\"\n"
        );
    }

    #[test]
    fn every_function_and_nested_stack_of_the_template_is_found() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut functions = Vec::new();
        let mut stacks = 0;
        rewrite(&read(&root, "template.yaml").unwrap(), |name, path| {
            match name {
                "CodeUri" => functions.push(path.strip_prefix("functions/").unwrap().to_owned()),
                _ => {
                    assert!(root.join(path).is_file(), "{path}");
                    stacks += 1;
                }
            }
            Ok(path.to_owned())
        })
        .unwrap();
        functions.sort();
        let mut built = FUNCTIONS.map(str::to_owned).to_vec();
        built.sort();
        assert_eq!(functions, built);
        let template = read(&root, "template.yaml").unwrap();
        assert_eq!(stacks, template.matches("Type: AWS::CloudFormation::Stack").count());
    }

    #[test]
    fn names_change_with_content_alone() {
        let mut files = BTreeMap::new();
        let one = put(&mut files, "a", "zip", b"1".to_vec());
        assert_eq!(put(&mut files, "a", "zip", b"1".to_vec()), one);
        assert_ne!(put(&mut files, "a", "zip", b"2".to_vec()), one);
    }

    #[test]
    fn a_launcher_survives_odd_paths() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }
}
