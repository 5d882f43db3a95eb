package handlers

// Git does not keep the code that this makes: go generate comes before go test.

//go:generate go -C ../service/clients tool oapi-codegen -config ../../handlers/oapi/oapi.yaml ../../../schema/openapi.bundled.json
