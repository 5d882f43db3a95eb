package main

import (
	"os"
	"regexp"
	"testing"
)

// The page was made with the versions that go.mod requires.
func TestPageVersions(t *testing.T) {
	page, err := os.ReadFile("RESULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) (v\S+)`).FindAllStringSubmatch(string(text), -1) {
		required[m[1]] = m[2]
	}
	told := regexp.MustCompile(`([\w.-]+\.[\w]+/[\w./-]+) (v\d\S*?)[ ,]`).FindAllStringSubmatch(string(page), -1)
	if len(told) < 15 {
		t.Errorf("the page tells %d versions", len(told))
	}
	for _, m := range told {
		if required[m[1]] != m[2] {
			t.Errorf("the page has %s %s, go.mod %s: make it anew", m[1], m[2], required[m[1]])
		}
	}
}
