// Package clients tests that the clients which generators make of the OpenAPI document work: ogen and
// oapi-codegen here, openapi-typescript in ts. What they generate is not kept.
package clients

//go:generate go tool ogen --loglevel error --target ogenclient --package ogenclient --clean ../../../schema/openapi.bundled.json
//go:generate mkdir -p oapiclient
//go:generate go tool oapi-codegen -config oapi.yaml ../../../schema/openapi.bundled.json
