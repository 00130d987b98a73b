//! From a file as it was fetched to one as WhatsApp wants it.

use crate::encryption::{Encrypted, encrypt};
use crate::{film, picture, sniff, voice};
use carteiro_core::media::{FileKind, FileName, MediaKey, Prepared, Shape};
use carteiro_core::object::ObjectKey;
use carteiro_core::send::Failure;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek};
use std::path::{Path, PathBuf};

/// Why a file could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It is empty, larger than WhatsApp takes for its kind, or plays longer than [`crate::MAX_VOICE_SECONDS`].
    #[error("the file is empty, too large or too long")]
    Size,
    /// It is not what it is to be sent as, it is damaged, or in a format that we do not read.
    #[error("the file is not what it is to be sent as, or is in no format that can be read")]
    Format,
    /// The disk failed or is full. It may work another time.
    #[error("the disk: {0}")]
    Disk(#[from] io::Error),
}

impl PrepareError {
    /// Why the send fails; `None` where it should be tried again.
    pub fn failure(&self) -> Option<Failure> {
        match self {
            PrepareError::Size => Some(Failure::MediaSize),
            PrepareError::Format => Some(Failure::MediaFormat),
            PrepareError::Disk(_) => None,
        }
    }
}

/// A file that is ready to be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// Where the ciphertext is: a file in the work folder.
    pub ciphertext: PathBuf,
    /// The ciphertext's length in bytes, its MAC counted in.
    pub encrypted_length: u64,
    mime: String,
    key: MediaKey,
    encrypted: Encrypted,
    shape: Shape,
    thumbnail: Option<Vec<u8>>,
}

impl Made {
    /// What the session task needs to know of it, once the ciphertext is stored under `object`.
    pub fn into_prepared(self, object: ObjectKey) -> Prepared {
        Prepared {
            object,
            encrypted_length: self.encrypted_length,
            mime: self.mime,
            key: self.key,
            sha256: self.encrypted.sha256,
            encrypted_sha256: self.encrypted.encrypted_sha256,
            length: self.encrypted.length,
            sidecar: self.encrypted.sidecar,
            shape: self.shape,
            thumbnail: self.thumbnail,
        }
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("mime", &self.mime)
            .field("encrypted_length", &self.encrypted_length)
            .finish_non_exhaustive()
    }
}

/// What the recipient is told of a file, and which file it is.
struct Announced {
    mime: String,
    shape: Shape,
    thumbnail: Option<Vec<u8>>,
    /// What is sent in place of the file that came.
    instead: Option<PathBuf>,
}

/// Checks a file, makes of it what WhatsApp wants of its kind, and encrypts that into `work_dir`. Blocking, and busy for
/// seconds: call it where that is allowed.
///
/// - An image is sent byte for byte: JPEG, PNG, WebP or GIF. It gets a thumbnail of at most 100 pixels, unless it is too large to
///   decode.
/// - An audio becomes a voice note (ogg with Opus, mono), unless it is one: MP3, WAV, M4A, AAC, ogg with Vorbis or Opus, FLAC.
/// - A video is sent byte for byte: MP4 or 3GP. Its frames are not decoded, so it has no thumbnail.
/// - A document is sent byte for byte, whatever it is. `name` helps where its bytes do not tell.
///
/// `key` must be fresh from a random source for each file. `work_dir` must be of this send alone; whoever made it removes it. It
/// takes at most the size of the file, or of the voice note twice. Memory stays under 256 MB, and does not grow with files that
/// are no pictures.
///
/// # Errors
/// [`PrepareError`]; then nothing of use is left in `work_dir`.
pub fn prepare(
    kind: FileKind,
    plain: &Path,
    name: Option<&FileName>,
    work_dir: &Path,
    key: MediaKey,
) -> Result<Made, PrepareError> {
    let mut file = File::open(plain)?;
    let length = file.metadata()?.len();
    if length == 0 || length > kind.max_bytes() {
        return Err(PrepareError::Size);
    }
    let announced = announce(kind, &file, name, work_dir)?;
    if let Some(instead) = &announced.instead {
        file = File::open(instead)?;
        if file.metadata()?.len() > kind.max_bytes() {
            return Err(PrepareError::Size);
        }
    }
    file.rewind()?;
    let ciphertext = work_dir.join("ciphertext");
    let encrypted = encrypt(&mut file, &mut BufWriter::new(File::create(&ciphertext)?), &key, kind)?;
    if let Some(instead) = &announced.instead {
        fs::remove_file(instead)?;
    }
    Ok(Made {
        ciphertext,
        encrypted_length: encrypted.encrypted_length,
        mime: announced.mime,
        key,
        encrypted,
        shape: announced.shape,
        thumbnail: announced.thumbnail,
    })
}

fn announce(
    kind: FileKind,
    file: &File,
    name: Option<&FileName>,
    work_dir: &Path,
) -> Result<Announced, PrepareError> {
    let format = sniff::sniff(file)?;
    match kind {
        FileKind::Image => {
            let format = sniff::picture(format).ok_or(PrepareError::Format)?;
            let picture = picture::look_at(file, format)?;
            Ok(Announced {
                mime: format.to_mime_type().to_owned(),
                shape: Shape::Image { width: picture.width, height: picture.height },
                thumbnail: picture.thumbnail,
                instead: None,
            })
        }
        FileKind::Document => Ok(Announced {
            mime: sniff::document(format, name),
            shape: Shape::Document,
            thumbnail: None,
            instead: None,
        }),
        FileKind::Audio => {
            let sound = sniff::sound(format).ok_or(PrepareError::Format)?;
            let note = voice::record(file, sound, work_dir)?;
            Ok(Announced {
                mime: voice::MIME.to_owned(),
                shape: Shape::Voice { seconds: note.seconds, waveform: note.waveform },
                thumbnail: None,
                instead: note.file,
            })
        }
        FileKind::Video => {
            let mime = sniff::film(format).ok_or(PrepareError::Format)?;
            let film = film::look_at(file)?;
            Ok(Announced {
                mime: mime.to_owned(),
                shape: Shape::Video { seconds: film.seconds, size: film.size },
                thumbnail: None,
                instead: None,
            })
        }
    }
}
