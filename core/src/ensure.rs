/// Returns an error unless the condition holds: a rule of the domain in one line.
///
/// The error is a value of the domain's own type. It is converted as `?` does, so that it may be one that the method's
/// error is made [`From`].
///
/// ```
/// # use annals_core as annals;
/// use annals::ensure;
///
/// #[derive(Debug, PartialEq)]
/// enum AccountError {
///     NotOpen,
///     Short { left: u64 },
/// }
///
/// fn withdraw(open: bool, balance: u64, amount: u64) -> Result<u64, AccountError> {
///     ensure!(open, AccountError::NotOpen);
///     ensure!(amount <= balance, AccountError::Short { left: balance });
///     Ok(balance - amount)
/// }
///
/// assert_eq!(withdraw(true, 5, 3), Ok(2));
/// assert_eq!(withdraw(true, 5, 7), Err(AccountError::Short { left: 5 }));
/// assert_eq!(withdraw(false, 5, 3), Err(AccountError::NotOpen));
/// ```
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $error:expr $(,)?) => {
        if $condition {
        } else {
            return ::core::result::Result::Err(::core::convert::From::from($error));
        }
    };
    ($condition:expr $(,)?) => {
        ::core::compile_error!("say the error: `ensure!(condition, error)`")
    };
    ($condition:expr, $message:literal, $($arguments:tt)*) => {
        ::core::compile_error!("an error of the domain is a value of its own type, not a text: `ensure!(condition, error)`")
    };
}
