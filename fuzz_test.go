package contact_test

import (
	"os"
	"strings"
	"testing"

	"github.com/partner-contacts/contact/internal/contracttest"
)

// seed adds the sample documents, and bytes that make the generator begin in each of its ways.
func seed(f *testing.F) {
	for _, name := range []string{"contact.json", "patch.json", "invalid-patch.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, data := range [][]byte{nil, {1, 2, 3}, {2, 1, 0, 1}, {3, 20, 4, 7}} {
		f.Add(data)
	}
	for change := range byte(24) {
		f.Add([]byte{3, 19, change, 7, 30, change, 9, 33, change, 4})
	}
}

// FuzzDifferential holds the fast engine to the reference engine: the same verdict, rules, pointers and offsets.
func FuzzDifferential(f *testing.F) {
	seed(f)
	f.Fuzz(contracttest.CheckDifferential)
}

// FuzzParse holds the functions that judge a body to one another, and what they return to its text.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(contracttest.CheckBodies)
}

// FuzzNoLeak sends a marker as any value, header or parameter. No error may hold it.
func FuzzNoLeak(f *testing.F) {
	seed(f)
	f.Fuzz(contracttest.NoLeak(f))
}

func FuzzMerge(f *testing.F) {
	for i, target := range contracttest.MetaSeeds {
		for j, patch := range contracttest.MetaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, target, patch)
		}
	}
	f.Fuzz(contracttest.CheckSteeredMerge)
}

func FuzzDiff(f *testing.F) {
	for i, from := range contracttest.MetaSeeds {
		for j, to := range contracttest.MetaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, from, to)
		}
	}
	f.Fuzz(contracttest.CheckSteeredDiff)
}

func FuzzMerge3(f *testing.F) {
	for i, base := range contracttest.MetaSeeds {
		for j, ours := range contracttest.MetaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, base, ours, contracttest.MetaSeeds[(i+j+1)%len(contracttest.MetaSeeds)])
		}
	}
	f.Fuzz(contracttest.CheckSteeredMerge3)
}

func FuzzAppendMerge(f *testing.F) {
	for i, text := range contracttest.MetaSeeds {
		f.Add([]byte{byte(i), 2, 7, 1, 8, 2, 8}, []byte(contracttest.ShortDocument), []byte(`{"city":"\u0041","meta_public":`+text+`}`))
	}
	f.Add([]byte{1}, []byte(`{"city":,"state":"","id":"","city":"0000000000000000000000000000"}`), []byte(`{}`))
	f.Add([]byte{1}, []byte(strings.ReplaceAll(contracttest.ShortDocument, "Chicago", `Chic\u0061go`)), []byte(`{"city":"Chicago"}`))
	f.Fuzz(contracttest.CheckSteeredAppendMerge)
}

func FuzzValues(f *testing.F) {
	for _, s := range contracttest.ValueSeeds {
		f.Add(s)
	}
	f.Fuzz(contracttest.CheckValues)
}
