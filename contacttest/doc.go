// Package contacttest is for the tests of services that work with contacts.
//
// [TestHandler] checks that a service's handler keeps the contract, in one call. A [Gen] makes
// contacts, patches, stored documents, and patches that are wrong in exactly one way. Its choices
// come from a random source or from a fuzzer's bytes: [New] and [FromBytes]. [AddSeeds] gives a fuzz
// target its corpus.
package contacttest
