package main

// Git does not keep the code that these make: go generate comes before go build and go test.

//go:generate go run ./contactpb/gen contactpb ../schema/timezone.schema.json
//go:generate go -C ../examples/service/clients tool oapi-codegen -config ../../../benchmarks/compare/oapi.yaml ../../../schema/openapi.bundled.json
//go:generate go tool ogen --config ogen.yml --loglevel error --target ogenapi --package ogenapi --clean ../schema/openapi.bundled.json
//go:generate go tool easyjson -all -no_std_marshalers -disallow_unknown_fields structs/structs.go
