"""Links by which people become friends for a fee (获客助手): a live code without a picture, with a balance and clicks."""
