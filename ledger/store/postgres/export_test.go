package postgres

// The two ways of Insert, for the benchmark that compares them.
var (
	InsertValues = insertValues
	InsertArrays = insertArrays
)

// Executor is executor, for the benchmark.
type Executor = executor
