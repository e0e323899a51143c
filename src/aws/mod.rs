//! The one way to AWS: SDK clients per account and Region, paced, bounded, with errors in our terms.

pub mod clock;
pub mod cx;
pub mod error;
pub mod members;
pub mod pace;
pub mod rates;
pub mod session;

pub use clock::Clock;
pub use cx::{Cx, Note};
pub use error::{ApiError, Trouble};
pub use session::{Session, SessionOptions};
