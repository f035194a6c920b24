using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Signing.Keys;

namespace Tocsin.Tests.Signing.Keys;

/// <summary>The test vectors of the Web3 Secret Storage Definition, and files that somebody bent.</summary>
public sealed class KeystoreTests
{
    private const string Password = "testpassword";

    private const string Pbkdf2 = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
        "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
        "salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """;

    private const string WithScrypt = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,
        "salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
        "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """;

    [Theory]
    [InlineData(Pbkdf2)]
    [InlineData(WithScrypt)]
    public void The_vectors_of_the_definition_open(string json) => Assert.Equal(
        new PrivateKey(Hex.Parse("0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")).Address,
        Keystore.Decrypt(json, Password).Address);

    [Fact]
    public void Another_password_is_refused_and_not_repeated()
    {
        var fault = Assert.Throws<FormatException>(() => Keystore.Decrypt(Pbkdf2, "a secret guess"));

        Assert.Contains("the password is not that of the keystore", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("guess", fault.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Each is refused before it costs memory or time.</summary>
    [Theory]
    [InlineData(WithScrypt, "\"n\":262144", "\"n\":1073741824")]
    [InlineData(WithScrypt, "\"n\":262144", "\"n\":9223372036854775807")]
    [InlineData(WithScrypt, "\"n\":262144", "\"n\":1e99")]
    [InlineData(WithScrypt, "\"n\":262144", "\"n\":262143")]
    [InlineData(WithScrypt, "\"n\":262144", "\"n\":0")]
    [InlineData(WithScrypt, "\"n\":262144", "\"n\":\"many\"")]
    [InlineData(WithScrypt, "\"r\":1", "\"r\":1024")]
    [InlineData(WithScrypt, "\"r\":1", "\"r\":-1")]
    [InlineData(WithScrypt, "\"p\":8", "\"p\":1024")]
    [InlineData(WithScrypt, "\"dklen\":32", "\"dklen\":2147483647")]
    [InlineData(WithScrypt, "\"version\":3", "\"version\":4")]
    [InlineData(WithScrypt, "aes-128-ctr", "aes-128-cbc")]
    [InlineData(WithScrypt, "\"kdf\":\"scrypt\"", "\"kdf\":\"none\"")]
    [InlineData(WithScrypt, "83dbcc02", "83dbcc")]
    [InlineData(WithScrypt, "d172bf74", "zzzzzzzz")]
    [InlineData(Pbkdf2, "\"c\":262144", "\"c\":2000000000")]
    [InlineData(Pbkdf2, "\"c\":262144", "\"c\":0")]
    [InlineData(Pbkdf2, "hmac-sha256", "hmac-md5")]
    [InlineData(Pbkdf2, "{\"crypto\"", "[{\"crypto\"")]
    public void A_file_that_was_bent_is_refused(string json, string piece, string change)
    {
        Assert.Contains(piece, json, StringComparison.Ordinal);

        Assert.Throws<FormatException>(
            () => Keystore.Decrypt(json.Replace(piece, change, StringComparison.Ordinal), Password));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("3")]
    [InlineData("{\"version\":3,\"crypto\":3}")]
    public void What_is_no_keystore_is_refused(string json) =>
        Assert.Throws<FormatException>(() => Keystore.Decrypt(json, Password));
}
