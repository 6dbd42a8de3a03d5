"""The pages, one module each; every one shows what its address asks for."""
