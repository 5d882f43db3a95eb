package contacttest

// For the tests of this package.
var (
	Seeds = seeds
	Rules = rulesOf
)
