//! Stands in for kinds that are being written; goes away with the last of them.

/// Makes a module for a kind that is not there yet.
macro_rules! placeholder {
    ($module:ident, $state:ident) => {
        pub mod $module {
            use crate::kinds::*;
            #[derive(Clone, Debug, PartialEq, serde::Serialize)]
            pub struct $state {}
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
            pub enum Call {}
            impl ApiCall for Call {
                const ALL: &'static [Self] = &[];
                fn name(self) -> &'static str {
                    match self {}
                }
                fn actions(self) -> &'static [&'static str] {
                    match self {}
                }
            }
            impl Managed for $state {
                type Call = Call;
                const FATE: Fate = Fate::Disposable;
                const READS: &'static [&'static str] = &[];
                const ATTRIBUTES: &'static [Attribute<Call>] = &[];
                const CREATE: &'static [Call] = &[];
                const DELETE: &'static [Call] = &[];
                fn aws_name(&self) -> String {
                    String::new()
                }
                fn inputs(&self) -> Vec<&Input> {
                    Vec::new()
                }
                fn inputs_mut(&mut self) -> Vec<&mut Input> {
                    Vec::new()
                }
                fn effects(_: Option<&Self>, _: &Self) -> Vec<Effect> {
                    Vec::new()
                }
            }
            pub mod desired {
                use super::*;
                pub fn desired(_: &Blueprint, _: &Facts) -> Vec<(Address, $state)> {
                    Vec::new()
                }
            }
            pub mod observe {
                use super::*;
                pub async fn observe(
                    _: &Cx,
                    _: &Scope,
                    _: &[Wanted<'_, $state>],
                ) -> Result<Vec<(Address, Reading<$state>)>, ApiError> {
                    Ok(Vec::new())
                }
            }
            pub mod perform {
                use super::*;
                pub async fn perform(
                    _: &Cx,
                    call: Call,
                    _: &Target<'_, $state>,
                ) -> Result<Revealed, ApiError> {
                    match call {}
                }
            }
        }
    };
}
