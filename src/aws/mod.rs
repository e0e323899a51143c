//! The one way to AWS: SDK clients per account and Region, paced, bounded, with errors in our terms.

pub mod clock;
pub mod cx;
pub mod error;
pub mod gauge;
pub mod members;
pub mod pace;
pub mod rates;
pub mod session;
pub mod stop;
pub mod store;

pub use clock::Clock;
pub use cx::{Cx, Note};
pub use error::{ApiError, Trouble};
pub use gauge::Gauge;
pub use session::{Session, SessionOptions};
pub use stop::Stop;
