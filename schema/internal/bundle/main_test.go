package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestCurrent: the bundle is what go generate makes of the files today, with nothing in it that
// points out of it or that generators refuse.
func TestCurrent(t *testing.T) {
	t.Chdir("../../..")
	committed, err := os.ReadFile("schema/openapi.bundled.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, bundle()) {
		t.Error("openapi.bundled.json is not current: run go generate")
	}
	for _, keyword := range []string{"anyOf", "oneOf", "const", "$defs", "$id", "schema.json#"} {
		if strings.Contains(string(committed), keyword) {
			t.Errorf("the bundle holds %s", keyword)
		}
	}
}
