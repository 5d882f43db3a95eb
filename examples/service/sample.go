package main

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
)

// makeToken returns a new token, once as the client sends it and once as it is stored.
func makeToken(team contact.ID, scopes []string, now, expires time.Time) (bearer string, t Token) {
	id := rand.Text()
	bearer = id + "." + rand.Text() + rand.Text() // rand.Text has at least 128 bits
	return bearer, Token{id, sha256.Sum256([]byte(bearer)), team, scopes, now, expires}
}

// What the printed address opens; both are in the sample data.
const (
	sampleContact = "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"
	sampleToken   = "sample-write.3pQm8Zk2Xv7Rt1Nc9Lb5Wd4Hs6Jf0Ga"
)

//go:embed sample.json
var sampleJSON []byte

// sampleData is two contacts of two teams, and tokens for them that the README prints.
func sampleData() ([]*contact.Contact, []Token) {
	var sample struct {
		Contacts []*contact.Contact
		Tokens   []struct {
			Token
			Bearer string `json:"token"`
		}
	}
	if err := json.Unmarshal(sampleJSON, &sample); err != nil {
		panic(err) // it is in the program
	}
	var tokens []Token
	for _, t := range sample.Tokens {
		t.ID, _, _ = strings.Cut(t.Bearer, ".")
		t.Hash = sha256.Sum256([]byte(t.Bearer))
		tokens = append(tokens, t.Token)
	}
	return sample.Contacts, tokens
}
