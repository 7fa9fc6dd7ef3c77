savepoint append
