-- What code of a projection sends after it has ended the transaction, against the rules, changes nothing.
set session characteristics as transaction read only
