module github.com/partner-contacts/contact/wasm

go 1.25.0

require (
	github.com/partner-contacts/contact v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
)

require (
	github.com/google/uuid v1.6.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

replace github.com/partner-contacts/contact => ../

ignore node_modules
