package main

import "testing"

// The program builds for the commit that is checked out, and runs.
func TestCompare(t *testing.T) {
	if err := compare("HEAD", "1", "^(Check|AppendMerge|step by step)$"); err != nil {
		t.Fatal(err)
	}
}
