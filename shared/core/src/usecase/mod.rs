//! What the API and its helpers do, over the ports: one file a use case.

mod accept_send;
mod ask;
mod background;
mod backlog;
mod bulk;
mod cancel_send;
mod claims;
mod dispatch;
mod doubling;
mod export;
mod find_send;
#[cfg(test)]
pub(crate) mod fixture;
mod held_back;
mod inbox;
mod keep_media;
mod measure;
mod named_sessions;
mod numbers;
mod offer_upload;
mod operator;
mod otp;
mod overdue;
mod pace;
mod parts;
mod patience;
mod permitted;
mod privacy;
mod recent;
mod release;
mod report;
mod retention;
mod returned_mail;
mod rotate_key;
#[cfg(test)]
mod send_model;
mod sweep;
mod timetable;
mod tokens;
mod users;
mod webhook;

pub use accept_send::{AcceptPorts, AcceptSend, Accepted, Attached, FormFile, SendRequest};
pub use ask::{Ask, AskError, AskPorts};
pub use bulk::{
    AcceptBulk, BulkAccepted, BulkListPage, BulkPage, BulkPorts, BulkRequest, ChangeBulk, DEFAULT_BULK_LIST,
    DEFAULT_BULK_PAGE, MAX_BULK_LIST, MAX_BULK_PAGE, RanBulk, RunBulk, RunBulkPorts, ShowBulk,
};
pub use cancel_send::{CancelSend, Cancelled};
pub use dispatch::{Dispatch, DispatchPorts, Dispatched, PREPARE_TIME};
pub use export::{FindExport, Ran, WriteExport};
pub use find_send::find_send;
pub use inbox::{Inbox, InboxPorts, Intake, NumberOwner};
pub use keep_media::{KeepMedia, Kept};
pub use named_sessions::{Authentication, SessionQr, V1Sessions};
pub use numbers::{
    ChangeNumbers, ConnectNumber, Connection, LinkStatus, MAX_LIST, NumberLists, Sessions, release_former,
};
pub use offer_upload::{OfferUpload, OfferedUpload, UploadRequest};
pub use operator::{
    DEFAULT_AUDIT_PAGE, DEFAULT_USER_PAGE, DayUsage, MAX_USAGE_DAYS, NumberOfUser, Operator, OperatorPrivacy,
    Trail, TrailPage, UsageReport, UserChange, UserList,
};
pub use otp::{OneTimePasswords, Proof, Requested};
pub use pace::{FindRules, NumberPace, Pacing};
pub use privacy::{AskPrivacy, FindPrivacy, RanPrivacy, RunPrivacy, RunPrivacyPorts};
pub use recent::Recent;
pub use release::{Release, Released};
pub use report::{Report, ReportPage, ReportRequest, Reported, Summary};
pub use retention::FindRetention;
pub use returned_mail::{NoteReturnedMail, ReturnedTo};
pub use rotate_key::{RotateKey, Rotated, RotationError, RotationStep};
pub use sweep::{Sweep, SweepPorts, Swept};
pub use tokens::{
    DEFAULT_OVERLAP, Life, MAX_LIFE_DAYS, MAX_OVERLAP, MadeToken, NewToken, RotatedToken, Tokens,
};
pub use users::{
    ChooseRetention, LogIn, REMOVAL_WINDOW, RegisterUser, Registered, Registration, RemoveUser,
    RetentionChoice,
};
pub use webhook::{
    Attempt, Attempts, DEFAULT_DELIVERY_PAGE, DeliverStream, DeliverStreamPorts, Delivering, DeliveryLog,
    MAX_DELIVERY_PAGE, MAX_REDRIVE, NotNow, PublishEvents, ReceiverBook, Redriven, SetDone, SetReceiver,
    WantedReceiver,
};
